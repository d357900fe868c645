using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Journal;

/// <summary>Adds facts to a journal that no service has open. The caller holds the state directory's lock.</summary>
internal static class OfflineJournal
{
    /// <summary>Cuts torn tails, as a start does, appends and syncs.</summary>
    /// <exception cref="JournalException">The journal is damaged, or takes nothing.</exception>
    public static void Append(IFileSystem files, string state, string station, IEnumerable<Fact> facts, TimeProvider time)
    {
        StreamEnd End(StreamKind kind) => new StreamRecovery(files, SegmentFiles.Directory(state, kind), kind, station, NullLogger.Instance).Recover(allSegments: kind == StreamKind.Facts);
        var lastVerdict = End(StreamKind.Verdicts).Last?.Id ?? default;
        using var stream = new JournalStream(files, SegmentFiles.Directory(state, StreamKind.Facts), StreamKind.Facts, station, new JournalOptions(), time);
        stream.Continue(End(StreamKind.Facts));
        foreach (var fact in facts) stream.Append(RecordType.Fact, lastVerdict, FactCodec.Encode(fact));
        stream.Sync();
    }
}
