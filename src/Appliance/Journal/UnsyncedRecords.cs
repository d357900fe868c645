namespace Appliance.Journal;

/// <summary>Records that were written and are not yet known to be on disk, as bytes: after a failed sync the file may not have them any more. Under its owner's lock.</summary>
internal sealed class UnsyncedRecords
{
    private byte[] bytes = new byte[16 << 10];
    private int start;
    private int end;

    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(start, end - start);

    public void Add(ReadOnlySpan<byte> record)
    {
        if (bytes.Length - end < record.Length) MakeRoom(record.Length);
        record.CopyTo(bytes.AsSpan(end));
        end += record.Length;
    }

    /// <summary>The oldest ones are on disk.</summary>
    public void Synced(int lengthBytes)
    {
        start += lengthBytes;
        if (start == end) start = end = 0;
    }

    private void MakeRoom(int lengthBytes)
    {
        var left = Bytes;
        var target = left.Length + lengthBytes > bytes.Length / 2 ? new byte[2 * (left.Length + lengthBytes)] : bytes;
        left.CopyTo(target);
        (bytes, start, end) = (target, 0, left.Length);
    }
}
