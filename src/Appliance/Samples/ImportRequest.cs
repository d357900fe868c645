using System.Globalization;
using Appliance.Journal;
using Appliance.Messaging;

namespace Appliance.Samples;

/// <summary>A label that was given elsewhere, or here before an export.</summary>
internal sealed record ImportedLabel(string Label, string By, DateTimeOffset At);

/// <summary>A picture that comes from elsewhere, and what is said of it.</summary>
/// <param name="By">Who imports it.</param>
/// <param name="Name">Of its file, for the record.</param>
/// <param name="Sample">The sample that it was when it was exported; it is found again where it has this picture.</param>
/// <param name="Labels">At least one, oldest first; the last holds.</param>
/// <param name="NewClasses">Whether a label may be one that no sample has.</param>
internal sealed record ImportRequest(string By, string? Name, string? Part, string? Sample, IReadOnlyList<ImportedLabel> Labels, bool NewClasses)
{
    public const int MostLabels = 50;

    // Nobody labelled before, and clocks of two stations may differ by as much.
    private static readonly DateTimeOffset Earliest = new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    public string Class => Labels[^1].Label;

    /// <summary>What is wrong with it, in words; null when nothing is.</summary>
    /// <param name="now">By this station's clock.</param>
    public string? Problem(DateTimeOffset now) =>
        LabelDesk.RefuseText("name of who imports in 'by'", By)
        ?? (Labels.Count > MostLabels ? $"history has {Labels.Count} labels; it takes at most {MostLabels}." : null)
        ?? Labels.Select(l => LabelDesk.RefuseText("class", l.Label) ?? LabelDesk.RefuseText("name of who labelled", l.By)).FirstOrDefault(p => p is not null)
        ?? Labels.Select(l => Time(l, now)).FirstOrDefault(p => p is not null)
        ?? Text("part", Part) ?? Text("name", Name)
        ?? (Sample is not null && !InspectionId.TryParse(Sample, out _) ? $"sample is '{Printable.Shorten(Sample)}'; it takes a sample id, for example 3-1204." : null);

    private static string? Time(ImportedLabel label, DateTimeOffset now) =>
        label.At < Earliest ? string.Create(CultureInfo.InvariantCulture, $"at is {label.At:u} for the label '{label.Label}'; it takes when that was said, from 1970 on, for example 2026-03-02T06:00:00Z.")
        : label.At > now + Ahead ? string.Create(CultureInfo.InvariantCulture, $"at is {label.At:u} for the label '{label.Label}', and this station's clock says {now:u}: nobody can have said it. Correct it, or the clock.")
        : null;

    private static string? Text(string what, string? text) => text switch
    {
        null => null,
        { Length: 0 or > TriggerCommand.TextLimit } => $"{what} has {text.Length} characters; it takes 1 to {TriggerCommand.TextLimit}.",
        _ => Printable.IsPlain(text) ? null : $"{what} has control or invisible characters.",
    };
}
