using System.Security.Cryptography;
using Appliance.Evidence;
using Appliance.Journal;
using Appliance.Samples;
using Appliance.Tests.Journal;
using Inference.Backbones;
using Inference.Embeddings;
using Inference.Files;

namespace Appliance.Tests.Faults;

/// <summary>Holds a station that was opened on a healthy disk to what its lives have confirmed: complete or absent, never partial.</summary>
internal sealed class StationCheck(FaultyStation station, string state, BackboneSession backbone, string run)
{
    private readonly List<Fact> facts = [.. station.Journal.ReadFacts()];
    private readonly Dictionary<InspectionId, string> verdicts = JournalBench.ReadAll(station.Journal).ToDictionary(v => v.Id, v => v.Json);

    public void All(Acknowledged acknowledged)
    {
        foreach (var (id, json) in acknowledged.Verdicts) True(verdicts.GetValueOrDefault(id) == json, $"verdict {id}");
        NothingElseLost(acknowledged);
    }

    /// <summary>Without the verdicts, of which a power cut takes the last.</summary>
    public void NothingElseLost(Acknowledged acknowledged)
    {
        True(JournalVerifier.Verify(state).IsIntact, "the journal is intact");
        var labels = facts.OfType<SampleLabelled>().Select(l => (l.Sample, l.Label)).ToHashSet();
        foreach (var label in acknowledged.Labels) True(labels.Contains(label), $"label {label}");
        var promoted = facts.OfType<ModelPromoted>().Select(p => p.Model).ToHashSet();
        foreach (var model in acknowledged.Promotions) True(promoted.Contains(model), $"promotion of {model}");
        Triggers(acknowledged);
        Samples();
        Pictures();
        Models();
        Index();
    }

    private void Triggers(Acknowledged acknowledged)
    {
        var accepted = facts.OfType<TriggerAccepted>().Select(t => t.Trigger).ToHashSet();
        foreach (var trigger in acknowledged.Triggers) True(accepted.Contains(trigger), $"trigger {trigger} is in the journal");
        var answers = verdicts.Values.Select(v => TriggerLog.TriggerOf(System.Text.Encoding.UTF8.GetBytes(v))).OfType<string>().CountBy(t => t).ToDictionary();
        foreach (var trigger in accepted) True(answers.GetValueOrDefault(trigger) == 1, $"trigger {trigger} has one verdict");
    }

    // Picture, row and evidence of each fact are there, and are those of its inspection.
    private void Samples()
    {
        var path = SampleFiles.EmbeddingFile(state, backbone.Embedding.Identity);
        using var rows = File.Exists(path) ? new EmbeddingFileReader(path, backbone.Embedding) : null;
        var values = new float[backbone.Embedding.Length];
        var evidence = new EvidenceStore(LinuxFileSystem.Instance, EvidenceStore.RootOf(state));
        foreach (var kept in facts.OfType<SampleKept>())
        {
            True(new FileInfo(Path.Combine(SampleFiles.Pictures(state), kept.Picture[..2], kept.Picture + kept.Extension)) is { Exists: true } file && file.Length == kept.PictureBytes, $"picture of {kept.Sample}");
            True(rows!.TryRead(kept.Row, values, out var id) && $"{id.Epoch}-{id.Sequence}" == kept.Sample, $"row of {kept.Sample}");
            True(evidence.Read(new(id.Epoch, id.Sequence), kept.Evidence!) is not null, $"evidence of {kept.Sample}");
        }
    }

    private void Pictures()
    {
        if (!Directory.Exists(SampleFiles.Pictures(state))) return;
        foreach (var picture in Directory.EnumerateFiles(SampleFiles.Pictures(state), "*.png", SearchOption.AllDirectories))
            True(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(picture))) == Path.GetFileNameWithoutExtension(picture), $"{picture} is whole");
    }

    private void Models()
    {
        var listing = station.Store.List();
        True(listing.Broken.Count == 0, $"no package is broken: {string.Join(' ', listing.Broken.Select(b => b.Message))}");
        var there = listing.Models.Select(m => m.ModelId).ToHashSet();
        var promotions = facts.OfType<ModelPromoted>().ToList();
        foreach (var promotion in promotions) True(there.Contains(promotion.Model), $"model {promotion.Model} was promoted and is there");
        True(station.Live.Current?.Model == promotions.LastOrDefault()?.Model, "the last promotion is live");
        True(!Directory.Exists(Path.Combine(state, "jobs")) || !Directory.EnumerateFileSystemEntries(Path.Combine(state, "jobs")).Any(), "no job is left");
    }

    private void Index()
    {
        var labels = facts.OfType<SampleLabelled>().ToLookup(l => l.Sample, l => l.Label);
        var kept = facts.OfType<SampleKept>().ToList();
        Equal(kept.Select(k => k.Sample), station.Index.Latest(int.MaxValue).Select(s => s.Id).Reverse(), "samples");
        foreach (var sample in kept) Equal(labels[sample.Sample], station.Index.ById(sample.Sample)!.History.Select(h => h.Label), $"labels of {sample.Sample}");
        Equal(facts.OfType<ModelPromoted>().Select(p => p.Model), station.Index.Promotions(int.MaxValue).Select(p => p.Model).Reverse(), "promotions");
        Equal(facts.OfType<TrainingFinished>().Select(t => t.Job), station.Index.Trainings(int.MaxValue).Select(t => t.Job).Reverse(), "rounds");
    }

    private void Equal(IEnumerable<string> expected, IEnumerable<string> found, string what) =>
        True(expected.Order().SequenceEqual(found.Order()), $"{what}: the facts have {string.Join(' ', expected)}, the index {string.Join(' ', found)}");

    private void True(bool holds, string what) => Assert.True(holds, $"{run}: not so: {what}");
}
