using Appliance.Journal;

namespace Appliance.Samples;

/// <summary>A sample as the index knows it: what was kept, and what people said of it.</summary>
/// <param name="HasPicture">False once a repair found its picture missing or damaged.</param>
/// <param name="Label">The label that holds; null while nobody has labelled it.</param>
/// <param name="History">All labels, oldest first.</param>
internal sealed record SampleDocument(SampleKept Kept, bool HasPicture, string? Label, IReadOnlyList<LabelEntry> History)
{
    public string Id => Kept.Sample;

    public string? LabelledBy => History.Count == 0 ? null : History[^1].By;

    public DateTimeOffset? LabelledAt => History.Count == 0 ? null : History[^1].At;
}

/// <summary>One labelling.</summary>
internal sealed record LabelEntry(string Label, string By, DateTimeOffset At);

/// <summary>Which samples are wanted; null means all.</summary>
internal sealed record SampleFilter(string? Verdict = null, string? Label = null, string? Camera = null, string? Part = null);
