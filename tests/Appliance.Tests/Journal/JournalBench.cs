using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Recovery;
using Inference.Decisions;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Files;

namespace Appliance.Tests.Journal;

/// <summary>A state directory with what journal tests do to it again and again.</summary>
internal sealed class JournalBench : IDisposable
{
    public const string Station = "press-3";
    private readonly TemporaryDirectory directory = new();

    public string State => directory.Path;

    public JournalOptions Options { get; set; } = new();

    public StationJournal Open(IFileSystem? files = null) =>
        StationJournal.Open(files ?? LinuxFileSystem.Instance, State, Station, TimeProvider.System, NullLogger.Instance, Options);

    public StateReport Look() => StateExamination.Look(LinuxFileSystem.Instance, State, TimeProvider.System, new Progress(TextWriter.Null));

    public StateReport Repair(IFileSystem? files = null) => StateExamination.Repair(files ?? LinuxFileSystem.Instance, State, TimeProvider.System, new Progress(TextWriter.Null));

    public string Segment(StreamKind stream, uint number = 1) => SegmentFiles.PathOf(SegmentFiles.Directory(State, stream), number);

    public static VerdictMessage Draft(string camera = "cam", string? trigger = null) => new()
    {
        Station = "", Camera = camera, Recipe = "plate", Trigger = trigger, GrabbedAt = DateTimeOffset.UnixEpoch,
        LatencyMs = new(1, 2, 3, 4, 10), Verdict = Verdict.Ok, Class = "good", Probability = 0.9f, Reason = Reasons.Confident,
    };

    public static SampleLabelled Label(string sample, string label = "good") => new(sample, label, null, "anna") { At = DateTimeOffset.UnixEpoch };

    public static List<(InspectionId Id, string Json)> ReadAll(StationJournal journal, InspectionId after = default)
    {
        using var cursor = journal.OpenVerdicts(after);
        var all = new List<(InspectionId, string)>();
        while (cursor.TryRead(out var id, out var json)) all.Add((id, System.Text.Encoding.UTF8.GetString(json.Span)));
        return all;
    }

    public void Dispose() => directory.Dispose();
}
