using Appliance.Training;
using Inference.Decisions;

namespace Appliance.Tests.Training;

public sealed class GateTests
{
    [Fact]
    public void Judge_NoParts_IsRefusedWithOrWithoutALiveModel()
    {
        Assert.False(Gate.Judge([], hasLive: false).Passes);
        Assert.Contains("more labels", Gate.Judge([], hasLive: true).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(4, 4, true)]
    [InlineData(10, 0, false)]
    [InlineData(5, 5, false)]
    public void Judge_TheFirstModel_MustBeBetterThanChance(int missedGood, int missedScratch, bool passes)
    {
        var verdict = Gate.Judge([.. Parts("good", 10, candidate: missedGood), .. Parts("scratch", 10, candidate: missedScratch)], hasLive: false);
        Assert.Equal(passes, verdict.Passes);
        Assert.Contains("chance", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_OneClassOnly_IsNoFirstModel() => Assert.False(Gate.Judge([.. Parts("good", 30)], hasLive: false).Passes);

    [Theory]
    [InlineData(2, 3, false)]
    [InlineData(2, 2, true)]
    [InlineData(3, 2, true)]
    public void Judge_AgainstALiveModel_MayNotBeWorse(int liveMisses, int candidateMisses, bool passes)
    {
        // Classes below ten parts have no veto, so the figure decides.
        var verdict = Gate.Judge([.. Parts("good", 9), .. Parts("scratch", 9, candidateMisses, liveMisses)], hasLive: true);
        Assert.Equal(passes, verdict.Passes);
        Assert.Contains("18 unseen parts", verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 0, 1, false)]
    [InlineData(20, 0, 1, true)]
    [InlineData(20, 0, 2, false)]
    [InlineData(40, 4, 6, true)]
    [InlineData(9, 0, 1, true)]
    public void Judge_AClassThatLosesRecall_VetoesFromTenPartsOn(int parts, int liveMisses, int candidateMisses, bool passes)
    {
        // The other class gains so much that the figure alone would pass.
        var verdict = Gate.Judge([.. Parts("good", 100, candidate: 0, live: 60), .. Parts("scratch", parts, candidateMisses, liveMisses)], hasLive: true);
        Assert.Equal(passes, verdict.Passes);
        if (!passes) Assert.StartsWith("recall of 'scratch' falls from", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_AClassThatTheLiveModelDoesNotKnow_CountsForTheCandidate()
    {
        PartAnswer[] dents = [.. Enumerable.Range(0, 12).Select(i => new PartAnswer($"dent {i}", "dent", false, Bad("dent"), Bad("scratch")))];
        Assert.True(Gate.Judge([.. Parts("good", 12), .. dents], hasLive: true).Passes);
        Assert.False(Gate.Judge([.. Parts("good", 12), .. dents.Select(d => d with { Candidate = Bad("scratch"), Live = Bad("dent") })], hasLive: true).Passes);
    }

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(0, 2, false)]
    [InlineData(2, 3, true)]
    public void Judge_MoreOfWhatIsPassedIsBad_Vetoes(int liveEscapes, int candidateEscapes, bool passes)
    {
        // Every class is named right: only the verdicts differ.
        var parts = Enumerable.Range(0, 20).Select(i => new PartAnswer(
            $"scratch {i}", "scratch", false, new("scratch", i < candidateEscapes ? Verdict.Ok : Verdict.Ng), new("scratch", i < liveEscapes ? Verdict.Ok : Verdict.Ng)));
        var verdict = Gate.Judge([.. Parts("good", 20), .. parts], hasLive: true);
        Assert.Equal(passes, verdict.Passes);
        if (!passes) Assert.Equal("of the parts passed as good, 2 of 22 are bad; by the live model 0 of 20", verdict.Reason);
    }

    [Fact]
    public void Judge_ACandidateThatLearnsToDecide_MayPassMoreBadParts()
    {
        // The live model is unsure of nearly everything: so it passes no bad part.
        var good = Parts("good", 100).Select(p => p with { Live = p.Live! with { Verdict = Verdict.Unsure } });
        var bad = Enumerable.Range(0, 20).Select(i => new PartAnswer($"scratch {i}", "scratch", false, new("scratch", i < 4 ? Verdict.Ok : Verdict.Ng), new("scratch", Verdict.Unsure)));
        Assert.True(Gate.Judge([.. good, .. bad], hasLive: true).Passes);
    }

    [Fact]
    public void Judge_ACandidateThatDecidesNothing_IsRefused()
    {
        PartAnswer[] parts = [.. Parts("good", 20), .. Parts("scratch", 20)];
        var verdict = Gate.Judge([.. parts.Select(p => p with { Candidate = p.Candidate with { Verdict = Verdict.Unsure } })], hasLive: true);
        Assert.False(verdict.Passes);
        Assert.Equal("parts with the right verdict fall from 40 to 0 of 40", verdict.Reason);
    }

    [Fact]
    public void MostProbable_SeveralSamples_AreAveraged()
    {
        string[] classes = ["a", "b"];
        Assert.Equal("b", Gate.MostProbable([[0.6f, 0.4f], [0.1f, 0.9f]], classes));
        Assert.Equal("a", Gate.MostProbable([[0.5f, 0.5f]], classes));
    }

    private static IEnumerable<PartAnswer> Parts(string label, int count, int candidate = 0, int live = 0)
    {
        var other = label == "good" ? "scratch" : "good";
        return Enumerable.Range(0, count).Select(i => new PartAnswer($"{label} {i}", label, label == "good", Says(i < candidate ? other : label), Says(i < live ? other : label)));
    }

    private static ModelAnswer Says(string name) => name == "good" ? new("good", Verdict.Ok) : Bad(name);

    private static ModelAnswer Bad(string name) => new(name, Verdict.Ng);
}
