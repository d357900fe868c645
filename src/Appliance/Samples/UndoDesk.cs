using Appliance.Journal;
using Appliance.Models;
using Inference.Packages;

namespace Appliance.Samples;

/// <summary>Which labels are meant: those of a person, of a period, or both. Ends count.</summary>
internal sealed record UndoChoice(string? LabelledBy, DateTimeOffset? Since, DateTimeOffset? Until)
{
    public bool Takes(LabelEntry label) => label.Undone is null && (LabelledBy is null || label.By == LabelledBy) && !(label.At < Since) && !(label.At > Until);
}

/// <summary>What undoing labels means, or has meant.</summary>
/// <param name="Labels">Labels undone.</param>
/// <param name="Samples">Samples that they are of.</param>
/// <param name="Unlabelled">Samples that nobody's label is left to.</param>
/// <param name="Classes">Labels undone a class.</param>
/// <param name="Models">Models in the store that were trained with one of them.</param>
/// <param name="Live">The live model, if it is among them.</param>
internal sealed record UndoResult(int Labels, int Samples, int Unlabelled, IReadOnlyDictionary<string, int> Classes, IReadOnlyList<string> Models, string? Live);

/// <summary>Takes back what somebody said, where it turns out that they were wrong: as facts, so that the history stays. Safe for several threads.</summary>
internal sealed class UndoDesk(StationJournal journal, SampleIndex index, ModelStore store, LiveModel live, TimeProvider time)
{
    private const int PageSamples = 500;
    private const int LabelsAFact = 5000;

    /// <summary>Says what it would mean, and changes nothing.</summary>
    public Task<UndoResult> LookAsync(UndoChoice choice) => QuietThread.RunAsync(() => Describe(Find(choice)));

    /// <summary>Undoes them. On disk before it returns.</summary>
    /// <exception cref="JournalException">Not all of them are; those that are count, and it may be done again.</exception>
    public async Task<UndoResult> UndoAsync(UndoChoice choice, string by, string why)
    {
        // What is said from now on is not meant.
        var now = time.GetUtcNow();
        var found = await QuietThread.RunAsync(() => Find(choice with { Until = choice.Until < now ? choice.Until : now }));
        foreach (var some in found.SelectMany(f => f.Labels).Chunk(LabelsAFact))
        {
            var fact = new LabelsUndone(some, by, why) { At = time.GetUtcNow() };
            await journal.AppendDurableAsync(fact, CancellationToken.None);
            index.Apply(fact);
        }

        return await QuietThread.RunAsync(() => Describe(found));
    }

    // In pages, so that labels and samples go on meanwhile.
    private List<Found> Find(UndoChoice choice)
    {
        var found = new List<Found>();
        string? last = null;
        while (index.After(last, PageSamples) is { Count: > 0 } page)
        {
            foreach (var sample in page)
            {
                if (sample.History.Where(choice.Takes).ToList() is { Count: > 0 } meant)
                    found.Add(new([.. meant.Select(m => new UndoneLabel(sample.Id, m.Label, m.By, m.At))], sample.History.Any(h => h.Undone is null && !choice.Takes(h))));
            }

            last = page[^1].Id;
        }

        return found;
    }

    private UndoResult Describe(List<Found> found)
    {
        var labels = found.SelectMany(f => f.Labels).ToList();
        var models = store.List().Models.Select(m => m.Manifest).Where(m => WasTrainedWith(m, labels)).OrderByDescending(m => m.CreatedAt).Select(m => m.ModelId).ToList();
        var classes = new SortedDictionary<string, int>(labels.CountBy(l => l.Label).ToDictionary(), StringComparer.Ordinal);
        return new(labels.Count, found.Count, found.Count(f => !f.OthersRemain), classes, models, models.Contains(live.Current?.Model ?? "") ? live.Current!.Model : null);
    }

    // The out-of-fold predictions name samples and labels; for a class that has none, time is all there is to go by.
    private static bool WasTrainedWith(ModelManifest model, List<UndoneLabel> labels)
    {
        var predicted = model.OutOfFold.Select(p => (p.Sample, p.Label)).ToHashSet();
        var silent = model.Classes.Except(model.OutOfFold.Select(p => p.Label)).ToHashSet(StringComparer.Ordinal);
        return labels.Exists(l => predicted.Contains((l.Sample, l.Label)) || (silent.Contains(l.Label) && l.At < model.CreatedAt));
    }

    /// <summary>Labels of one sample.</summary>
    private sealed record Found(IReadOnlyList<UndoneLabel> Labels, bool OthersRemain);
}
