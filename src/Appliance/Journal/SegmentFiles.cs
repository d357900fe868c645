using System.Globalization;
using Inference.Files;

namespace Appliance.Journal;

/// <summary>Names of segment files: <c>journal/facts/00000001.seg</c>, <c>journal/verdicts/00000001.seg</c> under the state directory.</summary>
internal static class SegmentFiles
{
    public static string Directory(string state, StreamKind stream) =>
        Path.Combine(state, "journal", stream == StreamKind.Facts ? "facts" : "verdicts");

    public static string PathOf(string directory, uint number) => Path.Combine(directory, number.ToString("D8", CultureInfo.InvariantCulture) + ".seg");

    /// <summary>Numbers of the segments that are there, ascending; none for a directory that is not.</summary>
    public static IReadOnlyList<uint> List(string directory)
    {
        var numbers = new List<uint>();
        if (!System.IO.Directory.Exists(directory)) return numbers;
        foreach (var path in System.IO.Directory.EnumerateFiles(directory, "*.seg"))
        {
            if (uint.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) numbers.Add(number);
        }
        numbers.Sort();
        return numbers;
    }

    /// <summary>Makes a segment, durable with its name and its first records. One that is there was begun by an attempt that failed, and holds nothing that is needed.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public static IWritableFile Begin(IFileSystem files, string path, SegmentHeader header, ReadOnlySpan<byte> records = default)
    {
        Span<byte> head = stackalloc byte[SegmentHeader.SizeBytes];
        header.Write(head);
        files.Delete(path);
        var file = files.CreateNew(path);
        try
        {
            file.Write(head);
            if (records.Length > 0) file.Write(records);
            file.Sync();
            files.SyncDirectory(Path.GetDirectoryName(path)!);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
