using System.Globalization;
using System.Text.Json;
using Appliance.Hosting;
using Appliance.Inspection;
using Appliance.Journal;
using Inference.Decisions;

namespace Appliance.Samples;

/// <summary>
/// Why there is no sample of an id. Of what is passed only a share is kept, so an escape mostly has none: the inspection is there all the same, and whoever asks is told how to come to a picture of the part.
/// </summary>
internal sealed class MissingSample(ApplianceOptions options, StationJournal journal)
{
    /// <summary>What there is in its place, and what to do.</summary>
    /// <exception cref="JournalException">The verdicts cannot be read.</exception>
    public string Say(string sample)
    {
        if (Find(sample) is not { } found) return $"There is no sample '{sample}'. GET /api/v1/samples lists them.";
        var said = found is { Verdict: Verdict.Ng, Class: { } name } ? $"NG ({name})" : found.Verdict.Word();
        var (why, first) = found.Verdict == Verdict.Ok
            ? (string.Create(CultureInfo.InvariantCulture, $"of the parts that are passed a share of {options.Sampling.OkShare:0.####} is kept (Sampling:OkShare)"), "raise Sampling:OkShare, up to 1 to keep each, present")
            : ("the inspection had none, one of the same part was kept that is as good as a copy, it came too fast (Sampling:MaxPerMinute), or the disk was too slow or too full", "present");
        return $"There is no sample '{sample}': that inspection of part {found.Part ?? "unknown"} had the verdict {said}, but its picture was not kept ({why}), or was given up since. To get one, {first} the part again and label the sample of that inspection.";
    }

    private VerdictMessage? Find(string sample) =>
        InspectionId.TryParse(sample, out var id) && journal.ReadVerdict(id) is { } record ? JsonSerializer.Deserialize(record, VerdictJson.Default.VerdictMessage) : null;
}
