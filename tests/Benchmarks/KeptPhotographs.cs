using System.Globalization;
using System.Text.Json;
using Inference;
using Inference.Embeddings;
using Inference.Files;
using Inference.Jobs;
using Trainer.DataSets;

namespace Benchmarks;

/// <summary>The embeddings of real photographs in a file, as a station keeps them for training, in a directory of its own.</summary>
internal sealed class KeptPhotographs : IDisposable
{
    public const string Good = "free";
    private static readonly string Backbone = Path.Combine(Repository.Root, "out/trainer/backbones/efficientnet_lite0-320.onnx");

    private readonly string root;

    /// <param name="count">Those beyond the data set come again, as other parts; null keeps each once.</param>
    public KeptPhotographs(int? count = null)
    {
        var data = FolderEmbedder.Embed(FolderDataSet.Read(Repository.MagneticTile, null), Backbone, null);
        Embedding = data.Embedding;
        root = Directory.CreateTempSubdirectory("photographs-").FullName;
        using var writer = new EmbeddingFileWriter(LinuxFileSystem.Instance, EmbeddingFile, Embedding);
        Samples = [.. Enumerable.Range(0, count ?? data.Photographs.Count).Select(Keep)];
        writer.Sync();

        TrainingSample Keep(int i)
        {
            var (round, at) = Math.DivRem(i, data.Photographs.Count);
            var row = writer.Append(1, (ulong)i + 1, data.Values.AsSpan(at * Embedding.Length, Embedding.Length));
            var part = data.Photographs[at].Part;
            return new(string.Create(CultureInfo.InvariantCulture, $"1-{i + 1}"), round == 0 ? part : $"{part}.{round}", row, data.Photographs[at].Class);
        }
    }

    public EmbeddingSpec Embedding { get; }

    public string EmbeddingFile => PathOf("embeddings");

    public IReadOnlyList<TrainingSample> Samples { get; }

    public string PathOf(string name) => Path.Combine(root, name);

    /// <summary>Writes the job that trains a head on these samples into a directory. The job's file.</summary>
    public string WriteJob(IReadOnlyList<TrainingSample> samples, string output)
    {
        var job = new TrainingJob
        {
            JobId = "benchmark", Embedding = Embedding, EmbeddingFile = EmbeddingFile, BackboneFile = Backbone, Samples = samples, GoodClass = Good, OutputDirectory = output, CreatedBy = "benchmark",
        };
        var file = PathOf("job.json");
        File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(job, InferenceJson.Default.TrainingJob));
        return file;
    }

    public void Dispose() => Directory.Delete(root, recursive: true);
}
