using System.Text.Json.Serialization;
using Inference.Embeddings;

namespace Inference.Packages;

/// <summary>
/// <c>manifest.json</c> of a model package: a directory with <c>manifest.json</c>, <c>head.onnx</c> and <c>policy.json</c>.
/// The model id covers head, embedding identity, classes and temperature; metrics, time and creator stand outside it.
/// </summary>
public sealed record ModelManifest
{
    /// <summary>Major version of this format; a reader refuses newer ones.</summary>
    [JsonRequired]
    public int SchemaVersion { get; init; } = 1;

    /// <summary>SHA-256, lower-case hex, see <see cref="ModelIdentity"/>.</summary>
    public required string ModelId { get; init; }

    /// <summary>Model that was live when this one was trained; null for the first.</summary>
    public string? Parent { get; init; }

    /// <summary>Class names in the order of the head's outputs; at least two.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The class that means a good part.</summary>
    public required string GoodClass { get; init; }

    /// <summary>What the head reads: backbone, preparation and layout.</summary>
    public required EmbeddingSpec Embedding { get; init; }

    /// <summary>SHA-256 of <c>head.onnx</c>, lower-case hex.</summary>
    public required string HeadSha256 { get; init; }

    /// <summary>Softmax temperature, already inside the head's graph; named here for the record.</summary>
    public required double Temperature { get; init; }

    /// <summary>Real embeddings with the outputs that the head must give; run before every publication.</summary>
    public required IReadOnlyList<Canary> Canaries { get; init; }

    /// <summary>What heads that had not seen the part said of every labelled sample.</summary>
    public required IReadOnlyList<OutOfFoldPrediction> OutOfFold { get; init; }

    /// <summary>SHA-256 over the sorted sample ids, parts, labels and rows it was trained on.</summary>
    public required string SnapshotSha256 { get; init; }

    /// <summary>Named figures of the out-of-fold predictions, for example <c>macroF1</c>.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Human-readable reasons of the automatic choices (stages, regularisation, temperature, thresholds).</summary>
    [JsonRequired]
    public IReadOnlyList<string> Choices { get; init; } = [];

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Program and version, or person, that made it.</summary>
    public required string CreatedBy { get; init; }
}

/// <summary>An embedding (half precision, little-endian, base64) and the outputs expected for it.</summary>
public sealed record Canary(string Embedding, IReadOnlyList<float> Probabilities, float Distance);

/// <summary>A labelled sample judged by a head that had not seen its part.</summary>
/// <param name="Sample">Sample id, or file name in training from a folder.</param>
/// <param name="Part">Part id.</param>
/// <param name="Label">The label at training time.</param>
/// <param name="Probabilities">In the order of <see cref="ModelManifest.Classes"/>, calibrated.</param>
/// <param name="Distance">Distance to what that head was trained on.</param>
public sealed record OutOfFoldPrediction(string Sample, string Part, string Label, IReadOnlyList<float> Probabilities, float Distance);
