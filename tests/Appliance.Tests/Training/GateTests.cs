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
    [InlineData(45, 1, 4, true)]
    [InlineData(45, 0, 4, true)]
    [InlineData(45, 0, 5, false)]
    [InlineData(45, 5, 9, true)]
    [InlineData(10, 0, 4, true)]
    [InlineData(10, 0, 5, false)]
    public void Judge_AClassThatLosesRecall_VetoesWhereChanceWouldHardlyDoIt(int parts, int liveMisses, int candidateMisses, bool passes)
    {
        // The other class gains so much that the figure alone would pass.
        var verdict = Gate.Judge([.. Parts("good", 100, candidate: 0, live: 60), .. Misnamed(parts, candidateMisses, liveMisses)], hasLive: true);
        Assert.Equal(passes, verdict.Passes);
        if (!passes) Assert.Equal($"recall of 'scratch' falls from {parts} to {parts - 5} of {parts} parts: 5 lost, 0 won", verdict.Reason);
    }

    [Fact]
    public void Judge_AClassThatLosesSomeAndWinsAsMany_IsNoWorse()
    {
        var scratches = Enumerable.Range(0, 40).Select(i => new PartAnswer($"scratch {i}", "scratch", false, Bad(i < 8 ? "dent" : "scratch"), Bad(i is >= 8 and < 14 ? "dent" : "scratch")));
        Assert.True(Gate.Judge([.. Parts("good", 100, candidate: 0, live: 60), .. scratches], hasLive: true).Passes);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(4, false)]
    public void Judge_AClassThatLosesRecall_IsOutweighedByEscapesThatEnd(int ended, bool passes)
    {
        // The live model passes every dent as good; the candidate knows them, and takes five scratches for dents.
        var dents = Enumerable.Range(0, ended).Select(i => new PartAnswer($"dent {i}", "dent", false, Bad("dent"), Says("good")));
        Assert.Equal(passes, Gate.Judge([.. Parts("good", 50, candidate: 0, live: 30), .. Misnamed(45, candidate: 5, live: 0), .. dents], hasLive: true).Passes);
    }

    [Fact]
    public void Judge_AClassThatTheLiveModelDoesNotKnow_CountsForTheCandidate()
    {
        PartAnswer[] dents = [.. Enumerable.Range(0, 12).Select(i => new PartAnswer($"dent {i}", "dent", false, Bad("dent"), Bad("scratch")))];
        Assert.True(Gate.Judge([.. Parts("good", 12), .. dents], hasLive: true).Passes);
        Assert.False(Gate.Judge([.. Parts("good", 12), .. dents.Select(d => d with { Candidate = Bad("scratch"), Live = Bad("dent") })], hasLive: true).Passes);
    }

    [Theory]
    [InlineData(0, 2, true)]
    [InlineData(0, 3, false)]
    [InlineData(2, 4, true)]
    public void Judge_MoreEscapesThanChanceGives_Veto(int liveEscapes, int candidateEscapes, bool passes)
    {
        // Every class is named right: only the verdicts differ.
        var verdict = Gate.Judge([.. Parts("good", 20), .. Escapes(candidateEscapes, liveEscapes)], hasLive: true);
        Assert.Equal(passes, verdict.Passes);
        if (!passes) Assert.Equal("3 of 20 bad parts are passed as good, and 20 good ones; by the live model 0 and 20", verdict.Reason);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(8, false)]
    public void Judge_ACandidateThatDecidesTwiceAsManyGoodParts_MayPassTwiceAsManyBadOnes(int escapes, bool passes)
    {
        var good = Parts("good", 100).Select((p, i) => i % 2 == 0 ? p : p with { Live = p.Live! with { Verdict = Verdict.Unsure } });
        Assert.Equal(passes, Gate.Judge([.. good, .. Escapes(escapes, live: 2)], hasLive: true).Passes);
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

    // Scratches that are called dents: NG all the same.
    private static IEnumerable<PartAnswer> Misnamed(int count, int candidate, int live) =>
        Enumerable.Range(0, count).Select(i => new PartAnswer($"scratch {i}", "scratch", false, Bad(i < candidate ? "dent" : "scratch"), Bad(i < live ? "dent" : "scratch")));

    private static IEnumerable<PartAnswer> Escapes(int candidate, int live) => Enumerable.Range(0, 20).Select(i => new PartAnswer(
        $"scratch {i}", "scratch", false, new("scratch", i < candidate ? Verdict.Ok : Verdict.Ng), new("scratch", i < live ? Verdict.Ok : Verdict.Ng)));

    private static ModelAnswer Says(string name) => name == "good" ? new("good", Verdict.Ok) : Bad(name);

    private static ModelAnswer Bad(string name) => new(name, Verdict.Ng);
}
