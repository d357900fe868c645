using Appliance.Journal;
using Appliance.Samples;
using Inference.Backbones;
using Inference.Embeddings;
using Inference.Packages;
using Inference.Preparation;
using Inference.Runtime;

namespace Appliance.Recovery;

/// <summary>Computes lost embeddings anew from their pictures, with the backbone that made them. One thread.</summary>
internal sealed class EmbeddingRebuilder(Examination exam) : IDisposable
{
    private readonly Dictionary<string, BackboneSession?> backbones = [];
    private readonly Dictionary<string, EmbeddingFileWriter> writers = [];

    /// <summary>Whether the backbone of this identity is there.</summary>
    public bool Can(string identity) => Backbone(identity) is not null;

    /// <summary>Appends the embedding of a picture, durably. Its row; null when the picture cannot be prepared.</summary>
    public long? Rebuild(string identity, InspectionId id, string picture)
    {
        if (Backbone(identity) is not { } backbone) return null;
        using var decoded = PictureDecoder.Decode(File.ReadAllBytes(picture));
        using var preparer = new ImagePreparer(backbone.Embedding.Preparation);
        if (decoded.Picture is not { } pixels || !preparer.Prepare(pixels, backbone.InputBuffer).Succeeded) return null;
        backbone.Run();
        if (!writers.TryGetValue(identity, out var writer))
            writers[identity] = writer = new EmbeddingFileWriter(exam.Files, SampleFiles.EmbeddingFile(exam.State, identity), backbone.Embedding);
        var row = writer.Append(id.Epoch, id.Sequence, backbone.EmbeddingValues);
        // Before the fact that names it.
        writer.Sync();
        return row;
    }

    public void Dispose()
    {
        foreach (var writer in writers.Values) writer.Dispose();
        foreach (var backbone in backbones.Values) backbone?.Dispose();
    }

    private BackboneSession? Backbone(string identity)
    {
        if (backbones.TryGetValue(identity, out var known)) return known;
        var store = new ModelStore(exam.Files, exam.State);
        // A region stands in no file but the models'.
        var regions = store.List().Models.Where(m => m.Manifest.Embedding.Identity == identity).Select(m => m.Manifest.Embedding.Preparation.Region).Append(null).Distinct();
        var directory = Path.Combine(exam.State, "backbones");
        var ids = Directory.Exists(directory) ? Directory.GetFiles(directory, "*.onnx").Select(p => Path.GetFileNameWithoutExtension(p)).ToList() : [];
        return backbones[identity] = (from region in regions from id in ids select Load(store, id, region, identity)).FirstOrDefault(b => b is not null);
    }

    private static BackboneSession? Load(ModelStore store, string id, Region? region, string identity)
    {
        try
        {
            var backbone = BackboneSession.LoadForRegion(store.BackbonePath(id), region, RuntimeOptions.Default);
            if (backbone.Embedding.Identity == identity) return backbone;
            backbone.Dispose();
        }
        catch (Exception e) when (e is PackageException or NetworkException)
        {
            // Damaged, which is a finding of its own, or of another shape.
        }
        return null;
    }
}
