using System.Globalization;

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
}
