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

    [Fact]
    public void Make_ATailTooSmallToBeTakenFromOne_IsStillAnInterval()
    {
        // Of five classes with 21 thresholds each, and of twenty: the exact ends of 0 of n are known in closed form.
        foreach (var choices in new[] { Math.Pow(ThresholdGrid.Count, 5), Math.Pow(ThresholdGrid.Count, 20) })
        {
            Assert.Equal(1 - Math.Pow(0.025 / choices, 1 / 500.0), RateEstimate.Make(0, 500, 0.95, choices).Upper, 1e-9);
            Assert.Equal(Math.Pow(0.025 / choices, 1 / 500.0), RateEstimate.Make(500, 500, 0.95, choices).Lower, 1e-9);
        }
    }

    [Fact]
    public void Propose_ALimitAboveWhatPassesAtAnEvenChance_SaysHowManyDoPass()
    {
        // 30 % of 100 allow 20; only 12 are taken for good with more than an even chance.
        var bad = Parts(88, i => 0.1f + 0.004f * i, good: false).Concat(Parts(12, i => 0.6f + 0.01f * i, good: false));
        var proposal = Propose(new(0.3, null), [.. Parts(50, _ => 0.9f, good: true), .. bad]);
        Assert.Equal((0.5, 12), (proposal.Policy!.Thresholds["ok"], proposal.Expected!.Escape.Count));
        Assert.Equal("12 of 100 bad parts pass. The limit allows 20, but nothing is passed below 0.5, however few escapes that would cost.", proposal.Why);
    }

    [Fact]
    public void Expect_ThresholdsOfTheTrainer_AllowsForItsChoiceAndNotForAPersons()
    {
        var parts = Parts(100, i => 0.3f + i * 0.005f, good: true).Concat(Parts(100, i => 0.005f * i, good: false)).ToList();
        var trained = new DecisionPolicy { Thresholds = new Dictionary<string, double> { ["ok"] = 0.44, ["scratch"] = 0.6 }, UnsureBand = 0, UnseenLimit = 2 };
        var own = Expect(trained);
        Assert.Equal(RateEstimate.Make(own.Escape.Count, 100, 0.95, 21), own.Escape);
        Assert.Equal(RateEstimate.Make(own.Overkill.Count, 100, 0.95, 21), own.Overkill);
        Assert.Equal(RateEstimate.Make(own.GoodReviewed.Count, 100, 0.95, 441), own.GoodReviewed);
        var byHand = Expect(trained with { Thresholds = new Dictionary<string, double> { ["ok"] = 0.45, ["scratch"] = 0.6 } });
        Assert.Equal(RateEstimate.Make(byHand.Escape.Count, 100, 0.95), byHand.Escape);
        Assert.Equal(RateEstimate.Make(byHand.Overkill.Count, 100, 0.95, 21), byHand.Overkill);

        PolicyExpectation Expect(DecisionPolicy policy) => PolicyProposer.Expect(policy, new(parts, Classes, "ok", trained), 0.95);
    }

    [Fact]
    public void Expect_AThousandStationsWithTheThresholdThatLooksBest_TheStatedEscapesHoldTheTruthAsOftenAsSaid()
    {
        // The worst that a trainer could do: of its grid the threshold with the fewest escapes beside what it passes, by the parts that are then counted.
        var random = new Random(13);
        var (held, narrow) = (0, 0);
        for (var station = 0; station < 1000; station++)
        {
            var parts = Parts(60, _ => Score(random, 2), good: true).Concat(Parts(150, _ => Score(random, 0.5), good: false)).ToList();
            var passed = Enumerable.Range(0, ThresholdGrid.Count).Select(i => ThresholdGrid.From(ThresholdGrid.Least + 0.02 * i)).ToDictionary(t => t, t => parts.Count(p => p.Label != "ok" && p.Answers[0].Probabilities[0] >= Math.Max(t, 0.5)));
            var best = passed.MinBy(p => (p.Value - 150 * Truth(p.Key)) / Math.Sqrt(150 * Truth(p.Key) * (1 - Truth(p.Key)))).Key;
            var policy = Current with { Thresholds = new Dictionary<string, double> { ["ok"] = best, ["scratch"] = 0.5 } };
            var escape = PolicyProposer.Expect(policy, new(parts, Classes, "ok", policy), 0.95).Escape;
            var alone = RateEstimate.Make(escape.Count, escape.Of, 0.95);
            if (escape.Lower <= Truth(best) && Truth(best) <= escape.Upper) held++;
            if (alone.Lower <= Truth(best) && Truth(best) <= alone.Upper) narrow++;
        }

        Assert.True(held >= 950, $"{held} of 1000");
        // Without the allowance they would not.
        Assert.True(narrow < 950, $"{narrow} of 1000");

        static double Truth(double threshold)
        {
            var passes = Math.Max(threshold, 0.5);
            return 1 - MathNet.Numerics.Distributions.Normal.CDF(0.5, 1.5, Math.Log(passes / (1 - passes)));
        }
    }

    private static PolicyProposal Propose(PolicyObjective objective, IReadOnlyList<UnseenPart> parts) => PolicyProposer.Propose(objective, Current, new(parts, Classes, "ok", Current));

    private static IEnumerable<UnseenPart> Parts(int count, Func<int, float> ok, bool good) =>
        Enumerable.Range(0, count).Select(i => new UnseenPart($"{good}{count}-{i}", good ? "ok" : "scratch", [Answer(ok(i))]));

    private static HeadAnswer Answer(float ok) => new([ok, 1 - ok], 1);

    private static float Score(Random random, double mean)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return (float)(1 / (1 + Math.Exp(-(mean + 1.5 * normal))));
    }
}
