using System.Globalization;

namespace Appliance.Journal;

/// <summary>
/// Reads verdicts forward from an inspection on, across segments and epochs, and goes on with the live one. One thread. Bytes are those
/// that were committed.
/// </summary>
internal sealed class VerdictCursor : IDisposable
{
    private readonly StationJournal journal;
    private readonly string directory;
    private InspectionId after;
    private SegmentReader? reader;

    internal VerdictCursor(StationJournal journal, string directory, InspectionId after)
    {
        (this.journal, this.directory, this.after) = (journal, directory, after);
    }

    /// <summary>The last verdict that was read, or where reading began.</summary>
    public InspectionId Position => after;

    /// <summary>Type of the record that was read last.</summary>
    internal RecordType LastType { get; private set; }

    /// <summary>The next verdict; false when there is none yet.</summary>
    /// <param name="id">Its identity.</param>
    /// <param name="json">Valid until the next call.</param>
    /// <exception cref="JournalException">A segment is damaged.</exception>
    public bool TryRead(out InspectionId id, out ReadOnlyMemory<byte> json)
    {
        while (TryReadRecord(out var head, out json))
        {
            id = head.Id;
            if (id <= after) continue;
            after = id;
            LastType = head.Type;
            return true;
        }
        (id, json) = (default, default);
        return false;
    }

    /// <summary>Completes when a verdict is there that was not read.</summary>
    public Task WaitForMoreAsync(CancellationToken cancellation) => journal.WaitForVerdictAfterAsync(after, cancellation);

    public void Dispose() => reader?.Dispose();

    private bool TryReadRecord(out RecordHead head, out ReadOnlyMemory<byte> json)
    {
        var (found, at, payload) = VerdictSegments.Again(directory, () =>
        {
            try
            {
                return (TryReadOnce(out var record, out var bytes), record, bytes);
            }
            catch (Exception e) when (e is FileNotFoundException or SegmentChangedException)
            {
                reader?.Dispose();
                reader = null;
                throw;
            }
        });
        (head, json) = (at, payload);
        return found;
    }

    private bool TryReadOnce(out RecordHead head, out ReadOnlyMemory<byte> json)
    {
        (head, json) = (default, default);
        var tail = journal.VerdictTail;
        if (tail.Segment == 0) return false;
        reader ??= VerdictSegments.Find(directory, after);
        while (reader is not null)
        {
            // Begun since the tail was looked at: the next call sees it.
            if (reader.Header!.Number > tail.Segment) return false;
            var live = reader.Header.Number == tail.Segment;
            var step = reader.Next(live ? tail.LengthBytes : reader.FileBytes);
            if (step == SegmentStep.Record)
            {
                (head, json) = (reader.Head, reader.Payload);
                return true;
            }
            if (live && step == SegmentStep.End) return false;
            if (step != SegmentStep.End && WasReopened(tail)) throw new SegmentChangedException(reader.Path);
            if (step != SegmentStep.End)
                throw new JournalException(string.Create(CultureInfo.InvariantCulture, $"Journal segment '{reader.Path}' is damaged at byte {reader.Offset}: {reader.Problem}."));
            var next = new SegmentReader(SegmentFiles.PathOf(directory, reader.Header.Number + 1));
            reader.Dispose();
            reader = next;
        }
        return false;
    }

    // Then the segment was cut under the reader, and its records stand in the next one.
    private bool WasReopened(StreamTail before) => journal.VerdictTail is var now && (now.Segment != before.Segment || now.LengthBytes < before.LengthBytes);
}
