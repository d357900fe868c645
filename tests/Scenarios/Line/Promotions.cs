using System.Globalization;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Line;

/// <summary>Which model was live when, by the facts, held against the verdicts.</summary>
internal static class Promotions
{
    /// <summary>No verdict names a model that was not live: never one before its promotion, never one after the next was published, and never back.</summary>
    /// <param name="facts">All facts.</param>
    /// <param name="swaps">The service's own account of its swaps: how long after its fact each was published.</param>
    /// <param name="verdicts">In the order of the journal.</param>
    public static void AssertLive(IEnumerable<JsonNode> facts, JsonArray swaps, IEnumerable<VerdictLine> verdicts)
    {
        var promotions = facts.OfKind("promotion").Select(f => (Model: (string)f["model"]!, At: Time(f["at"]!))).ToList();
        Assert.Equal(promotions.Select(p => p.Model), swaps.Select(s => (string)s!["model"]!));
        var published = promotions.Zip(swaps, (p, s) => p.At.AddMilliseconds((double)s!["journalMs"]! + (double)s["publishMs"]!)).ToList();
        var live = -1;
        foreach (var verdict in verdicts.Where(v => v.Kind != "FAULT"))
        {
            if (verdict.Model is null)
            {
                Assert.True(live < 0, $"{verdict.Id} has no model, though {promotions[Math.Max(0, live)].Model} was live.");
            }
            else
            {
                while (live < 0 || promotions[live].Model != verdict.Model)
                    Assert.True(++live < promotions.Count, $"{verdict.Id} was judged by {verdict.Model} out of its turn.");
                Assert.True(verdict.CommittedAt >= promotions[live].At, $"{verdict.Id} was judged by {verdict.Model} before its promotion.");
            }

            if (live + 1 < promotions.Count)
                Assert.True(verdict.GrabbedAt <= published[live + 1], $"{verdict.Id} was judged by {verdict.Model} after {promotions[live + 1].Model} was published.");
        }

        Assert.Equal(promotions.Count - 1, live);
    }

    private static DateTimeOffset Time(JsonNode at) => DateTimeOffset.Parse((string)at!, CultureInfo.InvariantCulture);
}
