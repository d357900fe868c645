using System.Globalization;

namespace Appliance.Journal;

/// <summary>The headers of all segments of a journal, 128 bytes each: whose it is, and whether this version may touch it. Reads only.</summary>
internal static class JournalHeaders
{
    /// <summary>Facts before verdicts, the newest segment of each first. What the disk does not give is passed over.</summary>
    public static IEnumerable<SegmentHeader> Read(string state) => Look(state).Select(l => l.Header).OfType<SegmentHeader>();

    /// <exception cref="JournalException">A newer version has written to it: what this one does not know it must neither read nor mend.</exception>
    public static void RefuseNewer(string state)
    {
        if (Newer(state) is { } refusal) throw new JournalException(refusal);
    }

    /// <summary>Why this version must keep off it; null where no newer one has written to it.</summary>
    public static string? Newer(string state) => Look(state).Where(l => l.Version > SegmentHeader.Version)
        .Select(l => string.Create(
            CultureInfo.InvariantCulture,
            $"Journal segment '{l.Path}' is of version {l.Version}, and this appliance knows {SegmentHeader.Version}: a newer one has written it. Nothing was changed. Use that version, or another state directory."))
        .FirstOrDefault();

    // Version is 0 where no header can be read.
    private static IEnumerable<(string Path, SegmentHeader? Header, ushort Version)> Look(string state)
    {
        foreach (var kind in (StreamKind[])[StreamKind.Facts, StreamKind.Verdicts])
        {
            var directory = SegmentFiles.Directory(state, kind);
            foreach (var number in SegmentFiles.List(directory).Reverse())
            {
                var path = SegmentFiles.PathOf(directory, number);
                yield return (path, Look(path, out var version), version);
            }
        }
    }

    private static SegmentHeader? Look(string path, out ushort version)
    {
        version = 0;
        try
        {
            using var handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            Span<byte> bytes = stackalloc byte[SegmentHeader.SizeBytes];
            return SegmentHeader.Read(bytes[..RandomAccess.Read(handle, bytes, 0)], out _, out version);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
