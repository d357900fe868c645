using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Inference.Preparation;

namespace Inference.Embeddings;

/// <summary>What an embedding is: from which backbone and preparation, and which pooled values lie where in it.</summary>
/// <param name="Backbone">SHA-256 of the backbone's ONNX file, lower-case hex.</param>
/// <param name="Preparation">How the picture was prepared.</param>
/// <param name="Segments">The pooled stages in order, without gaps.</param>
public sealed record EmbeddingSpec(string Backbone, PreparationSpec Preparation, IReadOnlyList<EmbeddingSegment> Segments)
{
    /// <summary>Number of values in one embedding.</summary>
    [JsonIgnore]
    public int Length => Segments.Count == 0 ? 0 : Segments[^1].Offset + Segments[^1].Length;

    /// <summary>SHA-256 (lower-case hex) over backbone, region, resize policy, colour order, size and outputs. Two embeddings can be compared only when it is equal.</summary>
    [JsonIgnore]
    public string Identity
    {
        get
        {
            var text = new StringBuilder("embedding/1;stretch-linear-area2;");
            text.Append(Backbone).Append(';').Append(Preparation.ColourOrder).Append(';');
            text.Append(CultureInfo.InvariantCulture, $"{Preparation.WidthPx}x{Preparation.HeightPx};");
            if (Preparation.Region is { } r) text.Append(CultureInfo.InvariantCulture, $"{r.X},{r.Y},{r.WidthPx},{r.HeightPx}");
            foreach (var s in Segments) text.Append(CultureInfo.InvariantCulture, $";{s.Name}@{s.Offset}+{s.Length}");
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        }
    }
}

/// <summary>One pooled stage inside an embedding.</summary>
/// <param name="Name">Stage and pooling, for example <c>s5.avg</c> or <c>s6.max</c>.</param>
/// <param name="Offset">Index of its first value.</param>
/// <param name="Length">Number of values, the channels of the stage.</param>
public sealed record EmbeddingSegment(string Name, int Offset, int Length);
