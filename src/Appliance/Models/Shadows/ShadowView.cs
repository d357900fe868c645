using Appliance.Journal;

namespace Appliance.Models.Shadows;

/// <summary>A candidate that judges beside the live model, without a say.</summary>
internal sealed record ShadowView(ShadowBegun Begun, ShadowFigures Figures);

/// <summary>The period that runs, and how those before it ended, newest first.</summary>
/// <param name="Now">Null while none runs.</param>
internal sealed record ShadowPage(ShadowView? Now, IReadOnlyList<ShadowEnded> Ended);

/// <summary>How long a shadow period lasts: until so many inspections, or a time, whichever comes first. One of them at least.</summary>
/// <param name="Inspections">0 for no limit.</param>
/// <param name="Time">Null for no limit.</param>
/// <param name="Promotes">Whether the candidate goes live at its end by itself, if it contradicts the live model seldom enough.</param>
internal sealed record ShadowTerms(long Inspections, TimeSpan? Time, bool Promotes)
{
    public const long MostInspections = 10_000_000;

    public static readonly TimeSpan LongestTime = TimeSpan.FromDays(30);
}
