using System.Globalization;
using System.Text.Json;
using Inference.Embeddings;
using Inference.Preparation;
using Inference.Runtime;

namespace Inference.Backbones;

/// <summary>Reads <see cref="BackboneInfo"/> from the metadata properties of the ONNX file.</summary>
internal static class BackboneMetadata
{
    public static BackboneInfo Read(string what, string sha256, IReadOnlyDictionary<string, string> properties)
    {
        var colour = Text("input.colour") switch
        {
            "rgb" => ColourOrder.Rgb,
            "bgr" => ColourOrder.Bgr,
            var other => throw Wrong("input.colour", other, "rgb or bgr"),
        };
        return new BackboneInfo(Text("architecture"), sha256, Number("input.width"), Number("input.height"), colour, Segments());

        string Text(string key) => properties.TryGetValue(key, out var value)
            ? value
            : throw NetworkException.Refuse(what, $"it has no '{key}' in its metadata, so it was not written by 'trainer backbone'.");

        int Number(string key) => int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : throw Wrong(key, Text(key), "a positive number");

        List<EmbeddingSegment> Segments()
        {
            const string key = "embedding.segments";
            try
            {
                var segments = JsonSerializer.Deserialize(Text(key), InferenceJson.Default.ListEmbeddingSegment);
                if (segments is { Count: > 0 } && WithoutGaps(segments)) return segments;
            }
            catch (JsonException)
            {
                // Said below, with the text.
            }

            throw Wrong(key, Text(key), "a JSON list of name, offset and length without gaps");
        }

        NetworkException Wrong(string key, string value, string expected) => NetworkException.Refuse(what, $"its metadata '{key}' is '{value}'; {expected} is expected.");
    }

    private static bool WithoutGaps(List<EmbeddingSegment> segments)
    {
        long next = 0;
        foreach (var segment in segments)
        {
            if (segment is null || string.IsNullOrEmpty(segment.Name) || segment.Offset != next || segment.Length < 1) return false;
            next += segment.Length;
        }

        return next <= int.MaxValue;
    }
}
