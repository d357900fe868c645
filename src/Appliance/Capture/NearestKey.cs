namespace Appliance.Capture;

/// <summary>The name that was probably meant.</summary>
internal static class NearestKey
{
    /// <summary>The nearest of the known names by edit distance; null when none is near.</summary>
    public static string? Of(string given, IEnumerable<string> known)
    {
        var (nearest, distance) = known.Select(name => (name, Distance(given, name))).DefaultIfEmpty(("", int.MaxValue)).MinBy(pair => pair.Item2);
        return distance <= Math.Max(2, given.Length / 2) ? nearest : null;
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                var change = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                row[j] = Math.Min(change, Math.Min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }

        return row[^1];
    }
}
