namespace Appliance.Samples;

/// <summary>Whether people disagree on a sample. Each has one word, the last that was not taken back; the label that holds is settled where it is the word of more than half of them.</summary>
internal static class Dispute
{
    /// <param name="labellings">Those that count, oldest first: who said what.</param>
    public static bool IsOpen(IReadOnlyList<(string By, string Label)> labellings)
    {
        if (labellings.Count == 0) return false;
        var words = labellings.GroupBy(l => l.By, StringComparer.Ordinal).Select(g => g.Last().Label).ToList();
        return 2 * words.Count(w => w == labellings[^1].Label) <= words.Count;
    }
}
