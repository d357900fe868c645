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
        return Task.CompletedTask;
    }

    /// <summary>A name for generated clients, and the group that the path says.</summary>
    public static Task Name(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var path = context.Description.RelativePath ?? "";
        if (!path.StartsWith(Prefix, StringComparison.Ordinal)) return Task.CompletedTask;
        var segments = path[Prefix.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        operation.OperationId = context.Description.HttpMethod!.ToLowerInvariant() + string.Concat(segments.Select(Word));
        operation.Tags = new HashSet<OpenApiTagReference> { new(segments[0], context.Document) };
        return Task.CompletedTask;
    }

    private static string Word(string segment) => segment is ['{', var first, .. var rest, '}'] ? $"By{char.ToUpperInvariant(first)}{rest}" : string.Concat(segment.Split('-').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
}
