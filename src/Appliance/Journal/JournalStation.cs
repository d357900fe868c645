namespace Appliance.Journal;

/// <summary>Whose journal it is, by the headers of its segments.</summary>
internal static class JournalStation
{
    /// <summary>The station of most segments; null when no header can be read.</summary>
    public static string? Find(string state) => All(state).GroupBy(s => s).MaxBy(g => g.Count())?.Key;

    /// <summary>The station of the newest segment of facts whose header can be read, or else of verdicts; null where there is none. Reads one header as a rule.</summary>
    public static string? Newest(string state) => All(state).FirstOrDefault();

    private static IEnumerable<string> All(string state) => new[] { StreamKind.Facts, StreamKind.Verdicts }
        .Select(kind => SegmentFiles.Directory(state, kind))
        .SelectMany(directory => SegmentFiles.List(directory).Reverse().Select(number => SegmentFiles.PathOf(directory, number)))
        .Select(path =>
        {
            try
            {
                using var reader = new SegmentReader(path);
                return reader.Header?.Station;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        })
        .OfType<string>();
}
