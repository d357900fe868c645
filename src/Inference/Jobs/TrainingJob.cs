using System.Text.Json.Serialization;
using Inference.Embeddings;

namespace Inference.Jobs;

/// <summary>The job file that the appliance writes and <c>trainer run JOB</c> reads: one head from kept embeddings.</summary>
public sealed record TrainingJob
{
    [JsonRequired]
    public int SchemaVersion { get; init; } = 1;

    public required string JobId { get; init; }

    /// <summary>What the kept embeddings are.</summary>
    public required EmbeddingSpec Embedding { get; init; }

    /// <summary>The embedding file, absolute path; opened for reading only.</summary>
    public required string EmbeddingFile { get; init; }

    /// <summary>The backbone's ONNX file, absolute path.</summary>
    public required string BackboneFile { get; init; }

    /// <summary>Every sample with a kept embedding, labelled or not: unlabelled ones serve the standardisation.</summary>
    public required IReadOnlyList<TrainingSample> Samples { get; init; }

    public required string GoodClass { get; init; }

    /// <summary>Model live at the time; null for none.</summary>
    public string? Parent { get; init; }

    /// <summary>Directory that the package is written to; must not exist.</summary>
    public required string OutputDirectory { get; init; }

    [JsonRequired]
    public int Seed { get; init; } = 1;

    public required string CreatedBy { get; init; }
}

/// <summary>One row of a training set.</summary>
/// <param name="Sample">Sample id.</param>
/// <param name="Part">Part id; a sample of an unknown part is a part of its own.</param>
/// <param name="Row">Row in the embedding file.</param>
/// <param name="Label">Class name, or null while nobody has labelled it.</param>
public sealed record TrainingSample(string Sample, string Part, long Row, string? Label);

/// <summary>A part's fold is a hash of its id, for ever, so that models of different days can be compared on parts they have not seen.</summary>
public static class Folds
{
    public const int Count = 5;

    /// <summary>Fold of a part, 0..4: the first four bytes of SHA-256 of its UTF-8 id, little-endian, modulo 5.</summary>
    public static int Of(string part)
    {
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(part), hash);
        return (int)(System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(hash) % Count);
    }
}
