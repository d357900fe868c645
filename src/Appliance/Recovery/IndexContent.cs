using Appliance.Samples;

namespace Appliance.Recovery;

/// <summary>Everything that an index can be asked for, as lines, so that two can be compared.</summary>
internal static class IndexContent
{
    private const int Page = 1000;

    public static IEnumerable<string> Of(SampleIndex index) => Samples(index)
        .Concat(index.CountByLabel().Where(c => c.Value != 0).Select(c => $"{c.Key} {c.Value}"))
        .Concat(index.Trainings(int.MaxValue).Select(t => t.ToString()))
        .Concat(index.Promotions(int.MaxValue).Select(p => p.ToString()));

    private static IEnumerable<string> Samples(SampleIndex index)
    {
        string? before = null;
        while (true)
        {
            var page = index.Latest(Page, before: before);
            foreach (var s in page) yield return $"{s.Kept} {s.HasPicture} {s.Label} {string.Join(';', s.History)}";
            if (page.Count < Page) yield break;
            before = page[^1].Id;
        }
    }
}
