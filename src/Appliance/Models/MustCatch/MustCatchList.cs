using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Samples;

namespace Appliance.Models.MustCatch;

/// <summary>
/// Escapes that an engineer never wants to see again: samples that no model may pass as good. A sample that is relabelled good later stays on it until somebody takes it
/// off, so that no slip of the pen lets an escape through. The one owner; safe for several threads.
/// </summary>
internal sealed class MustCatchList(
    ApplianceOptions options, StationJournal journal, SampleIndex index, PictureStore pictures, LabelledEvidence evidence, MissingSample missing, TimeProvider time) : IDisposable
{
    public const string HowToOverride = "Who answers for that may override the must-catch list, by name and reason, with --override-must-catch ('overrideMustCatch').";

    private const string NeedsAPerson = "until then each promotion is refused that nobody answers for by name and reason (--override-must-catch)";

    private readonly SemaphoreSlim turn = new(1);
    private volatile OrderedDictionary<string, MustCatchChanged> listed = Of(journal.Models.MustCatchChanges);

    /// <summary>Ids of the samples on it, in the order in which they were put there.</summary>
    public IReadOnlyList<string> Ids => [.. listed.Keys];

    /// <summary>Whether the sample is on it: retention gives it up last, and never by itself.</summary>
    public bool Contains(string sample) => listed.ContainsKey(sample);

    public MustCatchPage All()
    {
        using var rows = new KeptRows(index, evidence);
        return new([.. listed.Values.Select(c => Describe(c, rows))]);
    }

    /// <summary>Puts a sample on it that people have labelled bad. On disk before it returns.</summary>
    /// <exception cref="JournalException">It cannot be recorded.</exception>
    public Task<DeskAnswer<MustCatchSample>> AddAsync(string sample, string by, string why, CancellationToken cancellation) => ChangeAsync(sample, true, by, why, () =>
    {
        if (index.ById(sample) is not { } known) return (DeskRefusal.Missing, missing.Say(sample));
        if (Contains(sample)) return (DeskRefusal.Conflict, $"Sample {sample} is on the must-catch list already.");
        if (known.Label is null) return (DeskRefusal.Conflict, $"Nobody has labelled sample {sample}. Label it with what is wrong with the part first.");
        return known.Label == options.GoodClass ? (DeskRefusal.Conflict, $"Sample {sample} is labelled '{known.Label}', the class of good parts; only bad parts must be caught. Label it anew first, if that is wrong.") : null;
    }, cancellation);

    /// <summary>Takes a sample off it. On disk before it returns.</summary>
    /// <exception cref="JournalException">It cannot be recorded.</exception>
    public Task<DeskAnswer<MustCatchSample>> RemoveAsync(string sample, string by, string why, CancellationToken cancellation) => ChangeAsync(
        sample, false, by, why,
        () => Contains(sample) ? null : (DeskRefusal.Missing, $"Sample '{sample}' is not on the must-catch list; 'appliance mustcatch list' shows it."),
        cancellation);

    public void Dispose() => turn.Dispose();

    private async Task<DeskAnswer<MustCatchSample>> ChangeAsync(string sample, bool isListed, string by, string why, Func<(DeskRefusal, string)?> refuse, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            var answer = await RecordAsync(sample, isListed, by, why, refuse, cancellation);
            if (answer.Value is not { } fact) return (answer.Kind, answer.Why!);
            using var rows = new KeptRows(index, evidence);
            return Describe(fact, rows);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<DeskAnswer<MustCatchChanged>> RecordAsync(string sample, bool isListed, string by, string why, Func<(DeskRefusal, string)?> refuse, CancellationToken cancellation)
    {
        await index.Turn.WaitAsync(cancellation);
        try
        {
            // Asked for a removal too: where the index cannot answer, nothing is changed.
            var label = index.ById(sample)?.Label;
            if (refuse() is { } refusal) return refusal;
            var fact = new MustCatchChanged(sample, isListed, by, why, isListed ? label : null) { At = time.GetUtcNow() };
            await journal.AppendDurableAsync(fact, CancellationToken.None);
            listed = Of([.. listed.Values, fact]);
            return fact;
        }
        finally
        {
            index.Turn.Release();
        }
    }

    private MustCatchSample Describe(MustCatchChanged listing, KeptRows rows)
    {
        var canBeJudged = rows.TryRead(listing.Sample, out var gone);
        if (index.ById(listing.Sample) is not { } known) return new(listing.Sample, null, null, listing.By, listing.Why, listing.At, $"the sample is gone; {NeedsAPerson}", false);
        List<string> problems = [];
        if (!canBeJudged) problems.Add($"{gone}; {NeedsAPerson}");
        if (!known.HasPicture || !File.Exists(pictures.PathOf(known.Kept.Picture, known.Kept.Extension))) problems.Add(canBeJudged ? "its picture is gone; its embedding is enough to judge it" : "its picture is gone");
        if (SayLabel(listing, known) is { } said) problems.Add(said);
        return new(listing.Sample, known.Kept.Part, known.Label, listing.By, listing.Why, listing.At, problems.Count == 0 ? null : string.Join("; ", problems), canBeJudged);
    }

    private string? SayLabel(MustCatchChanged listing, SampleDocument now)
    {
        if (now.Holding is { } holding)
        {
            return holding.Label == options.GoodClass ? $"{holding.By} labels it '{holding.Label}' now; take it off the list if that is right"
                : listing.Label is { } before && before != holding.Label ? $"it was '{before}' when it was listed; {holding.By} labels it '{holding.Label}' now"
                : null;
        }

        var undone = now.History[^1].Undone!;
        return $"its label was undone by {undone.By} ({undone.Why}): label it anew, or take it off the list; until then it must still be caught";
    }

    // Oldest first: the last word on a sample counts.
    private static OrderedDictionary<string, MustCatchChanged> Of(IReadOnlyList<MustCatchChanged> changes)
    {
        var listed = new OrderedDictionary<string, MustCatchChanged>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            listed.Remove(change.Sample);
            if (change.Listed) listed.Add(change.Sample, change);
        }

        return listed;
    }
}
