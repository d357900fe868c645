using System.Reflection;
using Inference.Files;
using Microsoft.Extensions.Logging;

namespace Appliance.Journal;

/// <summary>What opening a journal brings about; the journal takes ownership of it.</summary>
internal sealed record JournalOpening(
    string Station, TimeProvider Time, ILogger Logger, JournalOptions Options, StateLock Lock, JournalReserve Reserve, JournalStream Facts, JournalStream Verdicts) : IDisposable
{
    public EpochStarted Epoch { get; private init; } = null!;

    public InspectionId LastVerdict { get; private init; }

    public LineSwitched? LastSwitch { get; private init; }

    public List<VerdictsNotDelivered> NotDelivered { get; } = [];

    public List<Fact> KeyFacts { get; } = [];

    public Dictionary<string, string> Configuration { get; } = new(StringComparer.Ordinal);

    public ModelFacts Models { get; } = new();

    /// <summary>How many facts there are, that of this epoch too; lost ones do not count.</summary>
    public long FactCount { get; private init; }

    public TriggerRecovery Triggers { get; } = new(Options.TriggersRemembered);

    /// <summary>Lock, recover, start the epoch, sync.</summary>
    public static JournalOpening Run(IFileSystem files, string state, string station, TimeProvider time, ILogger logger, JournalOptions options)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(station) is 0 or > SegmentHeader.StationBytes)
            throw new JournalException($"Station name '{station}' must have 1 to {SegmentHeader.StationBytes} bytes.");
        var stateLock = StateLock.Take(state);
        JournalOpening? opening = null;
        try
        {
            RestoreMark.Check(state);
            JournalHeaders.RefuseNewer(state);
            JournalStream Stream(StreamKind kind) => new(files, SegmentFiles.Directory(state, kind), kind, station, options, time);
            opening = new JournalOpening(station, time, logger, options, stateLock, new(files, state, options.ReserveBytes), Stream(StreamKind.Facts), Stream(StreamKind.Verdicts));
            return opening.Recover(files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            opening?.Dispose();
            throw new JournalException($"The journal in '{state}' cannot be opened: {e.Message} Free space or repair the disk.", e);
        }
        catch
        {
            opening?.Dispose();
            stateLock.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Facts.Dispose();
        Verdicts.Dispose();
        Reserve.Dispose();
        Lock.Dispose();
    }

    private void Configure(ConfigurationChanged configured)
    {
        foreach (var (key, _, after) in configured.Changes)
            if (after is null) Configuration.Remove(key);
            else Configuration[key] = after;
    }

    private JournalOpening Recover(IFileSystem files)
    {
        Reserve.Open();
        files.CreateDirectory(Facts.DirectoryPath);
        files.CreateDirectory(Verdicts.DirectoryPath);
        uint lastEpoch = 0, floor = 0;
        LineSwitched? lastSwitch = null;
        long count = 1;
        var factsEnd = new StreamRecovery(files, Facts.DirectoryPath, StreamKind.Facts, Station, Logger).Recover(allSegments: true, (head, payload) =>
        {
            if (head.Type == RecordType.Lost)
            {
                // Also when the repair was cut off before it could write its fact.
                floor = Math.Max(floor, LostRecords.Decode(payload.Span)?.EpochFloor ?? 0);
                return;
            }
            count++;
            // Nearly all are of these two kinds, and are nothing to the journal itself.
            if (FactCodec.Is<SampleKept>(payload.Span) || FactCodec.Is<SampleLabelled>(payload.Span)) return;
            var fact = FactCodec.Decode(head, payload.Span);
            if (fact is EpochStarted started) lastEpoch = started.Epoch;
            if (fact is StateRestored restored) floor = Math.Max(floor, restored.EpochFloor);
            if (fact is JournalRepaired repaired) floor = Math.Max(floor, repaired.EpochFloor);
            if (fact is LineSwitched switched) lastSwitch = switched;
            if (fact is VerdictsNotDelivered undelivered) NotDelivered.Add(undelivered);
            if (fact is ApiKeyAdded or ApiKeyRevoked) KeyFacts.Add(fact);
            if (fact is ConfigurationChanged configured) Configure(configured);
            Models.Add(fact);
            Triggers.Add(fact, head.Id);
        });
        var verdictsEnd = new StreamRecovery(files, Verdicts.DirectoryPath, StreamKind.Verdicts, Station, Logger).Recover(allSegments: false);
        Facts.Continue(factsEnd);
        Verdicts.Continue(verdictsEnd);
        var last = verdictsEnd.Last?.Id ?? default;
        var previous = Math.Max(lastEpoch, last.Epoch);
        var version = typeof(JournalOpening).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var epoch = new EpochStarted(Math.Max(previous, floor) + 1, previous, last.Epoch == previous ? last.Sequence : 0, version) { At = Time.GetUtcNow() };
        Facts.Append(RecordType.Fact, last, FactCodec.Encode(epoch));
        Facts.Sync();
        return this with { Epoch = epoch, LastVerdict = last, LastSwitch = lastSwitch, FactCount = count };
    }
}
