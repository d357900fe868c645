using Appliance.Journal;

namespace Appliance.Samples;

/// <summary>A sample as the index knows it: what was kept, and what people said of it.</summary>
/// <param name="HasPicture">False once a repair found its picture missing or damaged.</param>
/// <param name="Label">The label that holds; null while nobody has labelled it.</param>
/// <param name="History">All labels, oldest first, those that were undone too.</param>
internal sealed record SampleDocument(SampleKept Kept, bool HasPicture, string? Label, IReadOnlyList<LabelEntry> History)
{
    public string Id => Kept.Sample;

    /// <summary>The labelling that holds; null for none.</summary>
    public LabelEntry? Holding => History.LastOrDefault(h => h.Undone is null);

    public string? LabelledBy => Holding?.By;

    public DateTimeOffset? LabelledAt => Holding?.At;

    public bool IsDisputed => Dispute.IsOpen([.. History.Where(h => h.Undone is null).Select(h => (h.By, h.Label))]);
}

/// <summary>One labelling.</summary>
/// <param name="Undone">Null while it counts.</param>
internal sealed record LabelEntry(string Label, string By, DateTimeOffset At, LabelUndone? Undone = null);

/// <summary>Who undid a label, when and why.</summary>
internal sealed record LabelUndone(string By, DateTimeOffset At, string Why);

/// <summary>Which samples are wanted; null means all.</summary>
/// <param name="Why">As in <see cref="SampleKept"/>: verdict, audit, import.</param>
/// <param name="Disputed">Those only on which people disagree.</param>
internal sealed record SampleFilter(string? Verdict = null, string? Label = null, string? Camera = null, string? Part = null, string? Why = null, bool Disputed = false);
