using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Journal;

/// <summary>Adds facts to a journal that no service has open. The caller holds the state directory's lock. One thread.</summary>
internal sealed class OfflineJournal : IDisposable
{
    private readonly JournalStream facts;
    private readonly InspectionId lastVerdict;

    /// <summary>Cuts a torn tail of the facts, as a start does.</summary>
    /// <param name="lastVerdict">The last one in the journal; each fact says that it came after it.</param>
    /// <exception cref="JournalException">The facts are damaged.</exception>
    public OfflineJournal(IFileSystem files, string state, string station, InspectionId lastVerdict, TimeProvider time)
    {
        this.lastVerdict = lastVerdict;
        var directory = SegmentFiles.Directory(state, StreamKind.Facts);
        files.CreateDirectory(directory);
        var end = new StreamRecovery(files, directory, StreamKind.Facts, station, NullLogger.Instance).Recover(allSegments: true);
        facts = new JournalStream(files, directory, StreamKind.Facts, station, new JournalOptions(), time);
        facts.Continue(end);
    }

    /// <summary>Appends them and syncs.</summary>
    /// <exception cref="JournalException">They are not durable.</exception>
    public void Append(IEnumerable<Fact> told)
    {
        foreach (var fact in told) facts.Append(RecordType.Fact, lastVerdict, FactCodec.Encode(fact));
        facts.Sync();
    }

    public void Dispose() => facts.Dispose();
}
