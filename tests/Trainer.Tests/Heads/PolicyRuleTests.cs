using Inference.Decisions;
using Trainer.Heads;

namespace Trainer.Tests.Heads;

public class PolicyRuleTests
{
    private static readonly string[] Classes = ["good", "pit"];

    [Fact]
    public void Make_BadPartsPassedAtLowProbability_RaisesTheGoodThresholdAboveThem()
    {
        // Below 0.6 every second part passed as good is bad, above it none is.
        var predictions = Enumerable.Range(0, 20).Select(i => (Label: i % 2, Good: 0.51 + 0.004 * i))
            .Concat(Enumerable.Range(0, 60).Select(i => (Label: 0, Good: 0.65 + 0.005 * i))).ToList();

        var threshold = Policy(predictions).Thresholds["good"];

        Assert.InRange(threshold, 0.58, 0.66);
    }

    [Fact]
    public void Make_PrecisionOutOfReach_TakesTheHighestAllowed() =>
        Assert.Equal(ThresholdGrid.Most, Policy([.. Enumerable.Range(0, 40).Select(i => (Label: i % 2, Good: 0.9))]).Thresholds["good"]);

    [Fact]
    public void Make_FewPredictionsOfAClass_TakesTheDefault() =>
        Assert.Equal(PolicyRule.DefaultThreshold, Policy([.. Enumerable.Range(0, 40).Select(_ => (Label: 0, Good: 0.99))]).Thresholds["pit"]);

    [Fact]
    public void Make_AllRight_TakesTheLowestOfTheGridThatIsNotBelowThem() =>
        Assert.Equal(0.56, Policy([.. Enumerable.Range(0, 40).Select(i => (Label: 0, Good: 0.55 + i * 0.01))]).Thresholds["good"], 1e-9);

    [Fact]
    public void Make_FewDistances_SetsTheLimitBeyondTheLargest()
    {
        double[] distances = [1.0, 1.2, 1.5, 2.0, 2.6, 1.1, 1.4, 1.7];

        var policy = PolicyRule.Make(Classes, new int[8], [.. distances.Select(_ => (double[])[0.9, 0.1])], distances, []);

        Assert.InRange(policy.UnseenLimit, 2.6 * PolicyRule.SeenMargin, 8);
    }

    private static DecisionPolicy Policy(List<(int Label, double Good)> predictions) =>
        PolicyRule.Make(Classes, [.. predictions.Select(p => p.Label)], [.. predictions.Select(p => (double[])[p.Good, 1 - p.Good])], [.. predictions.Select(_ => 1.0)], []);
}
