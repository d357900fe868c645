using Appliance.Journal;
using Appliance.Samples;
using Inference.Packages;

namespace Appliance.Models.Shadows;

/// <summary>Begin and end of shadow periods in the journal and the index. One user at a time.</summary>
internal sealed class ShadowFacts(StationJournal journal, SampleIndex index, TimeProvider time)
{
    /// <summary>On disk before it returns.</summary>
    /// <exception cref="JournalException">It cannot be recorded.</exception>
    public async Task<ShadowBegun> BeginAsync(ModelPackage candidate, ModelPromoted against, ShadowTerms terms, string by, string why)
    {
        var now = time.GetUtcNow();
        var begun = new ShadowBegun(
            candidate.ModelId, candidate.PolicyId, against.Model, against.Policy, terms.Inspections, terms.Time is { } length ? now + length : null, terms.Promotes, by, why,
            candidate.HasOwnPolicy ? null : candidate.Policy) { At = now };
        await journal.AppendDurableAsync(begun, CancellationToken.None);
        return begun;
    }

    /// <summary>On disk before it returns.</summary>
    /// <exception cref="JournalException">It cannot be recorded.</exception>
    public async Task<ShadowEnded> EndAsync(ShadowBegun begun, ShadowFigures figures, string outcome, string reason, string by)
    {
        var ended = new ShadowEnded(begun.Model, outcome, reason, by, figures) { At = time.GetUtcNow() };
        await journal.AppendDurableAsync(ended, CancellationToken.None);
        index.Apply(ended);
        return ended;
    }
}
