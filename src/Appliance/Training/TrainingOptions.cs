using Appliance.Models.Shadows;
using Appliance.Settings;

namespace Appliance.Training;

/// <summary>When a head is trained, and by what.</summary>
internal sealed class TrainingOptions
{
    /// <summary>The trainer program; a relative path starts at the appliance's program.</summary>
    public string Program { get; set; } = "../trainer/trainer";

    /// <summary>Trains by itself after so many new labels; 0 never.</summary>
    [Reloadable]
    public int AfterLabels { get; set; } = 20;

    /// <summary>Trains by itself at this interval when there are new labels, 1 min to 30 days, for example <c>08:00:00</c>; zero never.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.Zero;

    /// <summary>A round that takes longer is ended and reported as failed: 10 s to 12 h.</summary>
    [Reloadable]
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A class with fewer labelled parts is not trained, and the round says so: 1 to 1000. So a slip of the pen is no class.</summary>
    public int LeastParts { get; set; } = 2;

    /// <summary>A candidate that passes the gate judges beside the live model for so many inspections before it may go live: 0 (with ShadowTime zero: it goes live at once) to 10000000.</summary>
    public long ShadowInspections { get; set; }

    /// <summary>As ShadowInspections, for so long: zero for no limit, or 1 min to 30 days. Whichever of the two comes first ends the period.</summary>
    public TimeSpan ShadowTime { get; set; } = TimeSpan.Zero;

    /// <summary>Whether a candidate of the gate goes live at the end of its shadow period by itself. Otherwise it waits for a person.</summary>
    public bool ShadowPromotes { get; set; }

    /// <summary>Share of the inspections in which candidate and live model may contradict each other, OK against NG, for it to go live by itself: 0 to 1.</summary>
    public double ShadowContradictions { get; set; } = 0.01;

    /// <summary>Inspections that a candidate must have judged for it to go live by itself: 1 to 10000000. A period that ends by its time with fewer waits for a person; one that was begun for fewer is enough.</summary>
    public long ShadowLeast { get; set; } = 100;

    /// <summary>How long a candidate of the gate is in shadow; null where it goes live at once.</summary>
    internal ShadowTerms? Shadow() => ShadowInspections == 0 && ShadowTime == TimeSpan.Zero ? null : new(ShadowInspections, ShadowTime == TimeSpan.Zero ? null : ShadowTime, ShadowPromotes);

    public IEnumerable<string> Validate(string key)
    {
        if (string.IsNullOrWhiteSpace(Program)) yield return $"{key}:Program is empty; it takes the path of the trainer.";
        if (AfterLabels is < 0 or > 1_000_000) yield return $"{key}:AfterLabels is {AfterLabels}; it takes 0 to 1000000.";
        if (LeastParts is < 1 or > 1000) yield return $"{key}:LeastParts is {LeastParts}; it takes 1 to 1000.";
        if (ShadowInspections is < 0 or > ShadowTerms.MostInspections) yield return $"{key}:ShadowInspections is {ShadowInspections}; it takes 0 to {ShadowTerms.MostInspections}.";
        if (ShadowTime != TimeSpan.Zero && (ShadowTime < TimeSpan.FromMinutes(1) || ShadowTime > ShadowTerms.LongestTime)) yield return $"{key}:ShadowTime is {ShadowTime}; it takes 00:00:00 (no limit) or 00:01:00 to 30.00:00:00.";
        if (ShadowLeast is < 1 or > ShadowTerms.MostInspections) yield return $"{key}:ShadowLeast is {ShadowLeast}; it takes 1 to {ShadowTerms.MostInspections}.";
        if (!(ShadowContradictions is >= 0 and <= 1)) yield return System.FormattableString.Invariant($"{key}:ShadowContradictions is {ShadowContradictions}; it takes 0 to 1.");
        if (Every != TimeSpan.Zero && (Every < TimeSpan.FromMinutes(1) || Every > TimeSpan.FromDays(30))) yield return $"{key}:Every is {Every}; it takes 00:00:00 (never) or 00:01:00 to 30.00:00:00.";
        if (TimeLimit < TimeSpan.FromSeconds(10) || TimeLimit > TimeSpan.FromHours(12)) yield return $"{key}:TimeLimit is {TimeLimit}; it takes 00:00:10 to 12:00:00.";
    }
}
