using Inference.Decisions;

namespace Inference.Tests.Decisions;

public sealed class PolicyDeciderTests
{
    private static readonly string[] Classes = ["crack", "good", "pit"];

    private static readonly DecisionPolicy Policy = new()
    {
        Thresholds = new Dictionary<string, double> { ["good"] = 0.7, ["crack"] = 0.4, ["pit"] = 0.5 },
        UnsureBand = 0.2,
        UnseenLimit = 3,
    };

    private readonly PolicyDecider decider = new(Classes, "good", Policy);

    [Theory]
    [InlineData(0.1f, 0.8f, 0.1f, 1f, Verdict.Ok, "good", Reasons.Confident)]
    [InlineData(0f, 1f, 0f, 0f, Verdict.Ok, "good", Reasons.Confident)]
    [InlineData(0.2f, 0.75f, 0.05f, 3f, Verdict.Ok, "good", Reasons.Confident)]
    [InlineData(0.1f, 0.8f, 0.1f, 3.001f, Verdict.Unsure, "good", Reasons.Unseen)]
    [InlineData(0.1f, 0.8f, 0.1f, -1f, Verdict.Unsure, "good", Reasons.Unseen)]
    [InlineData(0.2f, 0.69f, 0.11f, 1f, Verdict.Unsure, "good", Reasons.BelowThreshold)]
    [InlineData(0.8f, 0.1f, 0.1f, 1f, Verdict.Ng, "crack", Reasons.Confident)]
    [InlineData(0.8f, 0.1f, 0.1f, 9f, Verdict.Unsure, "crack", Reasons.Unseen)]
    [InlineData(0.1f, 0.1f, 0.8f, 1f, Verdict.Ng, "pit", Reasons.Confident)]
    [InlineData(0.25f, 0.3f, 0.45f, 1f, Verdict.Unsure, "pit", Reasons.BelowThreshold)]
    [InlineData(0.45f, 0.3f, 0.25f, 1f, Verdict.Unsure, "crack", Reasons.TooClose)]
    [InlineData(0.55f, 0.2f, 0.25f, 1f, Verdict.Ng, "crack", Reasons.Confident)]
    [InlineData(float.NaN, 0.9f, 0.1f, 1f, Verdict.Fault, null, Reasons.NotANumber)]
    [InlineData(0f, float.NaN, 0f, 1f, Verdict.Fault, null, Reasons.NotANumber)]
    [InlineData(0f, float.PositiveInfinity, 0f, 1f, Verdict.Fault, null, Reasons.NotANumber)]
    [InlineData(0f, 1f, float.NegativeInfinity, 1f, Verdict.Fault, null, Reasons.NotANumber)]
    [InlineData(0f, 1f, 0f, float.NaN, Verdict.Fault, null, Reasons.NotANumber)]
    [InlineData(0f, 1f, 0f, float.PositiveInfinity, Verdict.Fault, null, Reasons.NotANumber)]
    [InlineData(0f, 1f, 0f, float.NegativeInfinity, Verdict.Fault, null, Reasons.NotANumber)]
    [InlineData(-0.0005f, 1f, 0.0005f, 1f, Verdict.Fault, null, Reasons.NotANumber)]
    [InlineData(0f, 1.1f, -0.1f, 1f, Verdict.Fault, null, Reasons.NotANumber)]
    [InlineData(0f, 0.9f, 0f, 1f, Verdict.Fault, null, Reasons.NotANumber)]
    [InlineData(1f, 1f, 0f, 1f, Verdict.Fault, null, Reasons.NotANumber)]
    [InlineData(0f, 0f, 0f, 1f, Verdict.Fault, null, Reasons.NotANumber)]
    public void Decide_Case_GivesVerdictClassAndReason(float crack, float good, float pit, float distance, Verdict verdict, string? name, string reason)
    {
        var decision = decider.Decide([crack, good, pit], distance);

        Assert.Equal((verdict, name, reason), (decision.Verdict, decision.Class, decision.Reason));
        Assert.Equal(name is null ? 0 : Math.Max(crack, Math.Max(good, pit)), decision.Probability);
        Assert.Equal(name is null ? 0 : distance, decision.Distance);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void Decide_WrongSize_IsFault(int length)
    {
        var probabilities = new float[length];
        if (length > 1) probabilities[1] = 1;
        Assert.Equal(new Decision(Verdict.Fault, null, 0, 0, Reasons.WrongSize), decider.Decide(probabilities, 1));
    }

    // Softmax in float can come out a little above 1.
    [Fact]
    public void Decide_RoundedAboveOne_ReportsOne() => Assert.Equal(new Decision(Verdict.Ok, "good", 1, 1, Reasons.Confident), decider.Decide([0, 1.0000001f, 0], 1));

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void Decide_TieWithoutBand_IsUnsureWhicheverClassIsGood(string good)
    {
        var policy = new DecisionPolicy { Thresholds = new Dictionary<string, double> { ["a"] = 0.1, ["b"] = 0.1 }, UnsureBand = 0, UnseenLimit = 1 };
        var decision = new PolicyDecider(["a", "b"], good, policy).Decide([0.5f, 0.5f], 0);
        Assert.Equal((Verdict.Unsure, Reasons.TooClose), (decision.Verdict, decision.Reason));
    }

    /// <summary>What OK must rest on, written down a second time and straight from the words of the policy.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Decide_RandomAnswers_AreOkOnlyWhenEverythingIsInOrder(int seed)
    {
        var random = new Random(seed);
        var seen = new HashSet<(Verdict, string)>();
        for (var round = 0; round < 200; round++)
        {
            var classes = Enumerable.Range(0, random.Next(2, 9)).Select(i => "c" + i).ToArray();
            var good = random.Next(classes.Length);
            var policy = new DecisionPolicy
            {
                Thresholds = classes.ToDictionary(c => c, _ => 1 - (random.NextDouble() * 0.99)),
                UnsureBand = random.NextDouble() * 0.5,
                UnseenLimit = 0.1 + (random.NextDouble() * 5),
            };
            var any = new PolicyDecider(classes, classes[good], policy);
            for (var i = 0; i < 200; i++)
            {
                var p = Spoilt(Softmax(random, classes.Length), random);
                var distance = random.Next(20) == 0 ? Strange(random) : (float)(random.NextDouble() * 8);
                var decision = any.Decide(p, distance);
                seen.Add((decision.Verdict, decision.Reason));
                var sound = p.Length == classes.Length && p.All(v => v >= 0 && float.IsFinite(v)) && Math.Abs(p.Sum(v => (double)v) - 1) < 2e-3 && float.IsFinite(distance);
                if (!sound) Assert.True(decision.Verdict is Verdict.Fault or Verdict.Unsure, $"{decision} of {string.Join(' ', p)} at {distance}");
                if (distance > policy.UnseenLimit) Assert.NotEqual(Verdict.Ok, decision.Verdict);
                if (decision.Verdict is not (Verdict.Ok or Verdict.Ng)) continue;
                var others = p.Where((_, at) => classes[at] != decision.Class).Max();
                var own = p[Array.IndexOf(classes, decision.Class)];
                Assert.Equal(decision.Verdict == Verdict.Ok, decision.Class == classes[good]);
                Assert.True(own >= policy.Thresholds[decision.Class!] && own - others >= policy.UnsureBand && own > others && distance <= policy.UnseenLimit);
            }
        }

        // A test of nothing but faults would prove nothing.
        Assert.Equal(7, seen.Count);
    }

    [Fact]
    public void Decide_ManyTimes_AllocatesNothing()
    {
        float[] sure = [0.1f, 0.8f, 0.1f], close = [0.45f, 0.3f, 0.25f], broken = [float.NaN, 0, 1];
        for (var i = 0; i < 100; i++) All();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) All();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void All()
        {
            decider.Decide(sure, 1);
            decider.Decide(sure, 9);
            decider.Decide(close, 1);
            decider.Decide(broken, 1);
            decider.Decide([], 1);
        }
    }

    [Fact]
    public void New_PolicyDoesNotFit_SaysEverything()
    {
        var error = Assert.Throws<ArgumentException>(() => new PolicyDecider(["good", "dent"], "fine", Policy));
        Assert.All(
            (string[])["'dent' has no threshold", "threshold for 'crack'", "threshold for 'pit'", "the good class 'fine'"],
            words => Assert.Contains(words, error.Message, StringComparison.Ordinal));
    }

    private static float[] Softmax(Random random, int count)
    {
        var e = Enumerable.Range(0, count).Select(_ => Math.Exp(random.NextDouble() * 12)).ToArray();
        return [.. e.Select(v => (float)(v / e.Sum()))];
    }

    private static float[] Spoilt(float[] p, Random random)
    {
        switch (random.Next(40))
        {
            case 0: p[random.Next(p.Length)] = Strange(random); break;
            case 1: p[random.Next(p.Length)] += 0.1f; break;
            case 2: p[random.Next(p.Length)] -= 0.05f; break;
            case 3: return p[1..];
            case 4: return [.. p, 0];
            case 5: Array.Fill(p, 1f / p.Length); break;
        }

        return p;
    }

    private static float Strange(Random random) => ((float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -1, 1e30f])[random.Next(6)];
}
