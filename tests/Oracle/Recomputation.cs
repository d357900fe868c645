using System.Globalization;
using System.Text.Json.Nodes;
using Inference.Backbones;
using Inference.Decisions;
using Inference.Files;
using Inference.Packages;
using Inference.Preparation;
using Inference.Runtime;
using Inference.Slots;

namespace Oracle;

/// <summary>
/// Judges every recorded picture again, alone and in peace, by the model and policy that its verdict names. A verdict made of two models, or
/// by another than it names, differs.
/// </summary>
internal sealed class Recomputation : IDisposable
{
    private readonly string pictures;
    private readonly ModelStore store;
    private readonly BackboneSession backbone;
    private readonly ImagePreparer preparer;
    private readonly Dictionary<string, float[]> embeddings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LoadedModel> models = new(StringComparer.Ordinal);

    private Recomputation(string state, string pictures)
    {
        this.pictures = pictures;
        store = new ModelStore(LinuxFileSystem.Instance, state);
        backbone = BackboneSession.LoadForRegion(Directory.EnumerateFiles(Path.Combine(state, "backbones"), "*.onnx").Single(), null, RuntimeOptions.Default);
        preparer = new ImagePreparer(backbone.Embedding.Preparation);
    }

    public static (string Summary, IReadOnlyList<string> Differences) Run(string state, string pictures)
    {
        using var again = new Recomputation(state, pictures);
        var judged = StationRecords.Read(state).Verdicts.Where(v => v.Node["model"] is not null && v.Node["source"] is not null).ToList();
        var differences = judged.Select(again.Differ).OfType<string>().ToList();
        return (string.Create(CultureInfo.InvariantCulture,
            $"{judged.Count} verdicts of {again.models.Count} models over {again.embeddings.Count} pictures: {differences.Count} differences"), differences);
    }

    public void Dispose()
    {
        foreach (var model in models.Values) model.Dispose();
        preparer.Dispose();
        backbone.Dispose();
    }

    private string? Differ(RecordedVerdict verdict)
    {
        var (source, name) = ((string)verdict.Node["source"]!, (string)verdict.Node["model"]!);
        if (!embeddings.TryGetValue(source, out var embedding)) embeddings[source] = embedding = Embed(source);
        if (!models.TryGetValue(name, out var model)) models[name] = model = Load(name);
        var output = model.Head.Run(embedding);
        var decision = model.Decider.Decide(output.Probabilities, output.Distance);
        var said = Said(verdict.Node);
        return said == decision && model.PolicyId == (string)verdict.Node["policy"]!
            ? null
            : $"verdict {verdict.Id}: says {said} by policy {verdict.Node["policy"]}, recomputed as {decision} by {model.PolicyId}";
    }

    private static Decision Said(JsonNode verdict) => new(
        Enum.Parse<Verdict>((string)verdict["verdict"]!, ignoreCase: true), (string?)verdict["class"], (float)verdict["probability"]!, (float)verdict["distance"]!, (string)verdict["reason"]!);

    private float[] Embed(string source)
    {
        using var picture = PictureDecoder.Decode(File.ReadAllBytes(Path.Combine(pictures, source))).Picture ?? throw new InvalidDataException($"{source} cannot be decoded.");
        var prepared = preparer.Prepare(picture, backbone.InputBuffer);
        if (!prepared.Succeeded) throw new InvalidDataException($"{source}: {prepared.Detail}");
        backbone.Run();
        return backbone.EmbeddingValues.ToArray();
    }

    private LoadedModel Load(string name)
    {
        using var slot = new ModelSlot(backbone.Embedding, RuntimeOptions.Default);
        var loaded = slot.Load(store.Read(name));
        return loaded.Model ?? throw new InvalidDataException(loaded.Reason);
    }
}
