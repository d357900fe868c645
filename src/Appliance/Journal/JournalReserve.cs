using Appliance.Disk;
using Inference.Files;

namespace Appliance.Journal;

/// <summary>
/// <c>journal/reserve</c>: room that is held for records. A full disk gets it back step by step, so that whoever filled the disk cannot take it
/// all at once; with room again it is made whole. Safe for several threads.
/// </summary>
internal sealed class JournalReserve(IFileSystem files, string state, long sizeBytes) : IDisposable
{
    private const int Steps = 16;
    private readonly string path = Path.Combine(state, "journal", "reserve");
    private readonly Lock gate = new();
    private IWritableFile? file;
    private long leftBytes;

    /// <summary>As configured; 0 for none.</summary>
    public long SizeBytes => sizeBytes;

    /// <summary>What is still held.</summary>
    public long LeftBytes => Interlocked.Read(ref leftBytes);

    /// <summary>Takes what an earlier start has left. On a full disk a step is given up at once: the start itself needs room.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public void Open()
    {
        if (!File.Exists(path)) return;
        lock (gate)
        {
            file = files.OpenAppend(path);
            leftBytes = file.LengthBytes;
            if (leftBytes > sizeBytes) Cut(sizeBytes);
        }
        if (DiskSpace.TryFreeAt(state) < sizeBytes / Steps) TryRelease();
    }

    /// <summary>Gives up a step. False when nothing is left.</summary>
    public bool TryRelease()
    {
        lock (gate)
        {
            if (file is null || leftBytes == 0) return false;
            try
            {
                Cut(Math.Max(0, leftBytes - Math.Max(1, sizeBytes / Steps)));
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    /// <summary>Makes it whole when the disk has twice the room for it. What is held already stays held when that fails.</summary>
    public void TryRestore()
    {
        lock (gate)
        {
            if (leftBytes == sizeBytes || !(DiskSpace.TryFreeAt(state) >= 2 * (sizeBytes - leftBytes))) return;
            try
            {
                file ??= files.OpenAppend(path);
                file.Allocate(sizeBytes);
                Interlocked.Exchange(ref leftBytes, sizeBytes);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Undo();
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            file?.Dispose();
            file = null;
        }
    }

    private void Cut(long lengthBytes)
    {
        file!.Truncate(lengthBytes);
        Interlocked.Exchange(ref leftBytes, lengthBytes);
    }

    private void Undo()
    {
        try
        {
            file?.Truncate(leftBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It holds more than it says, which the next release or restoration puts right.
        }
    }
}
