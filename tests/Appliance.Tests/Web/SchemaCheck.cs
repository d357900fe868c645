using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Appliance.Tests.Web;

/// <summary>Holds JSON that was really sent against a schema.</summary>
internal static class SchemaCheck
{
    private static readonly EvaluationOptions Everything = new() { OutputFormat = OutputFormat.List };

    /// <summary>A schema that takes no member that it does not name: readers ignore what they do not know, and what is sent is all written down.</summary>
    public static JsonSchema Strict(JsonNode schema)
    {
        var strict = schema.DeepClone();
        Close(strict);
        return JsonSchema.FromText(strict.ToJsonString());
    }

    /// <summary>What is wrong with it, each with its place; null when nothing is.</summary>
    public static string? Problem(JsonSchema schema, string json)
    {
        using var document = JsonDocument.Parse(json);
        var result = schema.Evaluate(document.RootElement, Everything);
        if (result.IsValid) return null;
        var errors = (result.Details ?? []).Where(d => d.Errors is { Count: > 0 }).Select(d => $"{d.InstanceLocation}: {string.Join(", ", d.Errors!.Select(e => e.Value))}");
        return string.Join("; ", errors.DefaultIfEmpty("it does not fit"));
    }

    private static void Close(JsonNode? node)
    {
        if (node is JsonArray list)
            foreach (var item in list) Close(item);
        if (node is not JsonObject schema) return;
        foreach (var (_, child) in schema.ToList()) Close(child);
        if (schema["properties"] is JsonObject && schema["type"] is not null && !schema.ContainsKey("additionalProperties")) schema["additionalProperties"] = false;
    }
}
