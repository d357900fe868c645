using Appliance.Models;
using Appliance.Policies;
using Inference.Decisions;

namespace Appliance.Tests.Policies;

public sealed class PolicyProposerTests
{
    private static readonly string[] Classes = ["ok", "scratch"];
    private static readonly DecisionPolicy Current = new() { Thresholds = Classes.ToDictionary(c => c, _ => 0.5), UnsureBand = 0, UnseenLimit = 2 };

    [Theory]
    [InlineData(0, 10, 0, 0.3085)]
    [InlineData(10, 10, 0.6915, 1)]
    [InlineData(3, 20, 0.0321, 0.3789)]
    [InlineData(50, 1000, 0.0373, 0.0654)]
    public void Make_KnownCounts_AreTheExactIntervals(int count, int of, double lower, double upper)
    {
        // R: binom.test(count, of)$conf.int
        var rate = RateEstimate.Make(count, of, 0.95);
        Assert.Equal((lower, upper), (Math.Round(rate.Lower, 4), Math.Round(rate.Upper, 4)));
    }

    [Fact]
    public void Propose_TooFewBadParts_SaysHowManyAreMissing()
    {
        var parts = Parts(200, i => 0.99f, good: true).Concat(Parts(30, i => 0.01f, good: false)).ToList();
        var proposal = Propose(new(0.005, null), parts);
        Assert.Null(proposal.Policy);
        // 1 - 0.025^(1/736) is the first upper end below half a percent.
        Assert.Equal(736 - 30, proposal.MoreBadParts);
        Assert.Contains("706 more bad parts needed", proposal.Why, StringComparison.Ordinal);
        Assert.NotNull(Propose(new(0.005, null), [.. parts, .. Parts(706, i => 0.01f, good: false)]).Policy);
    }

    [Fact]
    public void Propose_ALimit_LiesJustAboveTheFirstBadPartThatMayNotPass()
    {
        // 100 bad parts at 0.001, 0.002 ... 0.100 and five at 0.6 to 0.8; 5 % allows none of 105 to pass, 10 % four.
        var bad = Parts(100, i => (i + 1) / 1000f, good: false).Concat(Parts(5, i => 0.6f + 0.05f * i, good: false)).ToList();
        var parts = Parts(100, i => 0.5f + i * 0.005f, good: true).Concat(bad).ToList();
        var none = Propose(new(0.05, null), parts);
        Assert.Equal(0, none.Expected!.Escape.Count);
        Assert.InRange(none.Policy!.Thresholds["ok"], 0.8, 0.8002);
        var some = Propose(new(0.11, null), parts);
        Assert.True(some.Expected!.Escape is { Count: > 0, Upper: <= 0.11 }, $"{some.Expected.Escape}");
        Assert.True(some.Expected.GoodReviewed.Count < none.Expected.GoodReviewed.Count);
        Assert.Equal(new PolicyObjective(0.11, null), some.Policy!.Objective);
    }

    [Fact]
    public void Propose_ABadPartTakenForGoodWithCertainty_IsSaid()
    {
        var proposal = Propose(new(0.05, null), [.. Parts(50, _ => 0.9f, good: true), .. Parts(100, _ => 1f, good: false)]);
        Assert.Null(proposal.Policy);
        Assert.Contains("taken for good with certainty", proposal.Why, StringComparison.Ordinal);
        Assert.Equal(0, proposal.MoreBadParts);
    }

    [Fact]
    public void Propose_AnInspectionOfManyThatPasses_IsTheEscapeOfItsPart()
    {
        var bad = Enumerable.Range(0, 100).Select(i => new UnseenPart($"b{i}", "scratch", [Answer(0.05f), Answer(0.7f)])).ToList();
        var proposal = Propose(new(0.05, null), [.. Parts(50, _ => 0.9f, good: true), .. bad]);
        Assert.InRange(proposal.Policy!.Thresholds["ok"], 0.7, 0.7002);
    }

    [Fact]
    public void Propose_Costs_PassesLessWhereEscapesAreDear_AndKeepsToTheReviewsThatPeopleCanDo()
    {
        var random = new Random(7);
        var parts = Parts(500, _ => Score(random, 2), good: true).Concat(Parts(500, _ => Score(random, -2), good: false)).ToList();
        var dear = Propose(new(null, new(1000, 10, 1, 1000, 1000, 0.5)), parts);
        var cheap = Propose(new(null, new(5, 10, 1, 1000, 1000, 0.5)), parts);
        Assert.True(dear.Policy!.Thresholds["ok"] > cheap.Policy!.Thresholds["ok"]);
        Assert.True(dear.Expected!.Escape.Count < cheap.Expected!.Escape.Count);
        var busy = Propose(new(null, new(1000, 10, 1, 50, 1000, 0.5)), parts);
        Assert.True((busy.Expected!.GoodReviewed.Count + busy.Expected.BadReviewed.Count) / 1000.0 <= 0.05);
        var never = Propose(new(null, new(1000, 10, 1, 0, 1000, 0.5)), [.. parts, new("x", "ok", [new([0.9f, 0.1f], 99)])]);
        Assert.Null(never.Policy);
        Assert.Contains("People cannot keep up", never.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Propose_AThousandStations_TheStatedEscapesHoldTheTruthAsOftenAsSaid(bool costs)
    {
        // A bad part's log-odds of being good are normal around -2, so that the true rate of escapes at a threshold is known.
        var random = new Random(11);
        var (held, promised) = (0, 0);
        for (var station = 0; station < 1000; station++)
        {
            var parts = Parts(60, _ => Score(random, 2), good: true).Concat(Parts(150, _ => Score(random, -2), good: false)).ToList();
            var proposal = Propose(costs ? new(null, new(100, 10, 2, 300, 1000, 0.05)) : new(0.05, null), parts);
            if (proposal.Policy is null) continue;
            promised++;
            var threshold = proposal.Policy.Thresholds["ok"];
            var truth = 1 - MathNet.Numerics.Distributions.Normal.CDF(-2, 1.5, Math.Log(threshold / (1 - threshold)));
            if (proposal.Expected!.Escape.Lower <= truth && truth <= proposal.Expected.Escape.Upper) held++;
        }

        Assert.True(promised >= 990, $"{promised} of 1000 could be promised");
        Assert.True(held >= 0.95 * promised, $"{held} of {promised}");
    }

    private static PolicyProposal Propose(PolicyObjective objective, IReadOnlyList<UnseenPart> parts) => PolicyProposer.Propose(objective, parts, Classes, "ok", Current);

    private static IEnumerable<UnseenPart> Parts(int count, Func<int, float> ok, bool good) =>
        Enumerable.Range(0, count).Select(i => new UnseenPart($"{good}{count}-{i}", good ? "ok" : "scratch", [Answer(ok(i))]));

    private static HeadAnswer Answer(float ok) => new([ok, 1 - ok], 1);

    private static float Score(Random random, double mean)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return (float)(1 / (1 + Math.Exp(-(mean + 1.5 * normal))));
    }
}
