using Appliance.Journal;
using Appliance.Samples;
using Inference.Packages;

namespace Appliance.Models.Shadows;

/// <summary>Begin and end of shadow periods in the journal and the index, in the journal's order also under a clock that was set back. One user at a time.</summary>
internal sealed class ShadowFacts(StationJournal journal, SampleIndex index, TimeProvider time)
{
    private DateTimeOffset? newest;

    /// <summary>The period that ran when the service stopped; null for none.</summary>
    public ShadowBegun? Restore()
    {
        var begun = index.ShadowBegun();
        newest = begun?.At ?? (index.ShadowsEnded(1) is [var last] ? last.At : null);
        return begun;
    }

    /// <summary>On disk before it returns.</summary>
    /// <exception cref="JournalException">It cannot be recorded.</exception>
    public async Task<ShadowBegun> BeginAsync(ModelPackage candidate, ModelPromoted against, ShadowTerms terms, string by, string why)
    {
        var begun = new ShadowBegun(
            candidate.ModelId, candidate.PolicyId, against.Model, against.Policy, terms.Inspections, terms.Time is { } length ? time.GetUtcNow() + length : null, terms.Promotes, by, why,
            candidate.HasOwnPolicy ? null : candidate.Policy) { At = time.After(newest) };
        await RecordAsync(begun);
        return begun;
    }

    /// <summary>On disk before it returns.</summary>
    /// <exception cref="JournalException">It cannot be recorded.</exception>
    public async Task<ShadowEnded> EndAsync(ShadowBegun begun, ShadowFigures figures, string outcome, string reason, string by)
    {
        var ended = new ShadowEnded(begun.Model, outcome, reason, by, figures) { At = time.After(newest) };
        await RecordAsync(ended);
        return ended;
    }

    private async Task RecordAsync(Fact fact)
    {
        newest = fact.At;
        await journal.AppendDurableAsync(fact, CancellationToken.None);
        index.Apply(fact);
    }
}
