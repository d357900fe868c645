using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Appliance.Web.Contract;

/// <summary>What the OpenAPI document says besides its endpoints.</summary>
internal static class StationDocument
{
    private const string Prefix = "api/v1/";

    /// <summary>The same document from every station: version of the contract, no addresses.</summary>
    public static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new()
        {
            Title = "Inspection Appliance",
            Version = "1",
            Description = "HTTP interface of one station. Times are UTC. Every error is a problem of RFC 9457 whose detail says what happened and what to do. "
                + "Readers ignore members that they do not know; the station refuses those that it does not know.",
            License = new() { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };
        document.Servers = [new() { Url = "/" }];
        // Without the name of the program, which is no group of endpoints.
        var groups = document.Paths.Values.SelectMany(p => p.Operations ?? []).Select(o => o.Value).SelectMany(o => o.Tags ?? (IEnumerable<OpenApiTagReference>)[]).Select(t => t.Reference.Id!).Distinct();
        document.Tags = groups.Select(name => new OpenApiTag { Name = name }).ToHashSet();
        document.Components ??= new();
        document.AddComponent<IOpenApiSecurityScheme>(KeyAuthentication.SchemeName, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "One key for each machine or terminal, made by 'appliance keys add', with a role: read; line, label (each with read); manage (everything). "
                + "Requests from the station's own machine need none, unless Http:KeyOnLoopback is set.",
        });
        return Task.CompletedTask;
    }

    /// <summary>A name for generated clients, and the group that the path says.</summary>
    public static Task Name(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var path = context.Description.RelativePath ?? "";
        var isOfStation = path.StartsWith(Prefix, StringComparison.Ordinal);
        var segments = path[(isOfStation ? Prefix.Length : 0)..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        operation.OperationId = context.Description.HttpMethod!.ToLowerInvariant() + string.Concat(segments.Select(Word));
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<IAuthorizeData>().FirstOrDefault()?.Policy is { } role)
        {
            operation.Description = $"Role {role}.";
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(KeyAuthentication.SchemeName, context.Document)] = [] }];
        }

        if (metadata.OfType<OnceMark>().Any()) (operation.Parameters ??= []).Add(IdempotencyKey());
        operation.Tags = new HashSet<OpenApiTagReference> { new(isOfStation ? segments[0] : "health", context.Document) };
        return Task.CompletedTask;
    }

    private static OpenApiParameter IdempotencyKey() => new()
    {
        Name = OnceMark.Header,
        In = ParameterLocation.Header,
        Description = "Done once for each key: the same request again within a day gets the same answer again, with Idempotency-Replayed: true; another request with it is refused. Forgotten by a restart.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = OnceMark.LongestKey },
    };

    private static string Word(string segment) => segment is ['{', var first, .. var rest, '}'] ? $"By{char.ToUpperInvariant(first)}{rest}" : string.Concat(segment.Split('-').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
}
