namespace Appliance.Journal;

/// <summary>Whose journal it is, by the headers of its segments.</summary>
internal static class JournalStation
{
    /// <summary>The station of most segments; null when no header can be read.</summary>
    public static string? Find(string state) => JournalHeaders.Read(state).GroupBy(h => h.Station).MaxBy(g => g.Count())?.Key;

    /// <summary>The station of the newest segment of facts whose header can be read, or else of verdicts; null where there is none. Reads one header as a rule.</summary>
    public static string? Newest(string state) => JournalHeaders.Read(state).FirstOrDefault()?.Station;
}
