using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Appliance.Tests.Hosting;
using Json.Schema;

namespace Appliance.Tests.Web;

/// <summary>Holds every answer that a test gets against docs/openapi.json: its status and media type are declared there, and its JSON is what is declared.</summary>
internal sealed class ContractHandler() : DelegatingHandler(new HttpClientHandler())
{
    private static readonly JsonNode Document = JsonNode.Parse(File.ReadAllText(Path.Combine(ApplianceProgram.RepositoryRoot, "docs/openapi.json")))!;
    private static readonly ConcurrentDictionary<string, JsonSchema> Schemas = new();

    /// <summary>Operations by their ids.</summary>
    public static IReadOnlyList<(string Id, string Method, string Path, JsonObject Operation)> Operations { get; } =
        [.. Document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => ((string)o.Value!["operationId"]!, o.Key.ToUpperInvariant(), p.Key, o.Value!.AsObject())))];

    /// <summary>What was answered: id of the operation and status.</summary>
    public ConcurrentBag<(string Operation, int Status)> Seen { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.Content.Headers.ContentLength == 0) return response;
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var (status, media) = ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "");
        var text = media.EndsWith("json", StringComparison.Ordinal) ? await response.Content.ReadAsStringAsync(cancellationToken) : null;
        if (Find(request.Method.Method, request.RequestUri!.AbsolutePath) is { } found)
        {
            Seen.Add((found.Id, status));
            if (Problem(found.Id, found.Operation, status, media, text) is { } problem)
                Assert.Fail($"{request.Method} {request.RequestUri.PathAndQuery} answered {status}, against docs/openapi.json: {problem}\n{text}");
        }
        else if (media != "application/problem+json" && request.RequestUri.AbsolutePath.StartsWith("/api/", StringComparison.Ordinal))
        {
            Assert.Fail($"{request.Method} {request.RequestUri.PathAndQuery} is not in docs/openapi.json and answered {status} {media}.");
        }

        return response;
    }

    /// <summary>The schema that a reference leads to.</summary>
    public static JsonNode Schema(string reference) => Document["components"]!["schemas"]![reference.Split('/')[^1]]!;

    private static string? Problem(string id, JsonObject operation, int status, string media, string? text)
    {
        if (operation["responses"]?[$"{status}"] is not JsonObject declared) return "this status is not declared";
        if (declared["content"]?[media] is not JsonObject content) return $"{media} is not declared";
        return text is null ? null : SchemaCheck.Problem(Schemas.GetOrAdd($"{id} {status} {media}", _ => Whole(content["schema"]!)), text);
    }

    private static JsonSchema Whole(JsonNode declared)
    {
        var schema = new JsonObject { ["allOf"] = new JsonArray(declared.DeepClone()), ["$defs"] = Document["components"]!["schemas"]!.DeepClone() };
        // A problem may say more than its five members.
        schema["$defs"]!["ProblemDetails"]!["additionalProperties"] = true;
        return SchemaCheck.Strict(JsonNode.Parse(schema.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal))!);
    }

    // The path with the fewest parameters, as the service takes it.
    private static (string Id, JsonObject Operation)? Find(string method, string path)
    {
        var wanted = path.Split('/');
        var fitting = Operations.Where(o => o.Method == method && Fits(o.Path.Split('/'), wanted)).OrderBy(o => o.Path.Count(c => c == '{')).ToList();
        return fitting.Count == 0 ? null : (fitting[0].Id, fitting[0].Operation);
    }

    private static bool Fits(string[] template, string[] path) => template.Length == path.Length && template.Zip(path).All(p => p.First == p.Second || (p.First.StartsWith('{') && p.Second.Length > 0));
}
