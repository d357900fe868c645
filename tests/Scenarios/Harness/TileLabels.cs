using System.Text.Json.Nodes;

namespace Scenarios.Harness;

/// <summary>An operator who says of a photograph of the magnetic tiles whether it is free of defects, as its folder does.</summary>
internal static class TileLabels
{
    public const string Free = "free";
    public const string Defect = "defect";

    public static string Shows(JsonNode sample) => ((string)sample["source"]!).StartsWith("free/", StringComparison.Ordinal) ? Free : Defect;

    /// <summary>Labels them all. What the station confirmed.</summary>
    public static async Task<List<JsonNode>> LabelAsync(Station station, JsonNode samples)
    {
        List<JsonNode> confirmed = [];
        foreach (var sample in samples.AsArray())
            confirmed.Add(await station.PostAsync($"/api/v1/samples/{sample!["sample"]}/label", new JsonObject { ["label"] = Shows(sample), ["by"] = "anna" }));
        return confirmed;
    }
}
