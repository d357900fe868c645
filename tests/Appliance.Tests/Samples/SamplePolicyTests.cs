using Appliance.Samples;
using Inference.Decisions;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Tests.Samples;

public sealed class SamplePolicyTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void WhyWanted_AVerdict_IsTheVerdictAndForOkAnAudit()
    {
        var policy = Policy(okShare: 1, perMinute: 10);
        Assert.Equal("verdict", policy.WhyWanted(Verdict.Ng));
        Assert.Equal("verdict", policy.WhyWanted(Verdict.Unsure));
        Assert.Equal("verdict", policy.WhyWanted(Verdict.Fault));
        Assert.Equal("audit", policy.WhyWanted(Verdict.Ok));
    }

    [Fact]
    public void TryTake_OneKindAtItsLimit_LeavesTheOthersAloneAndComesBackAfterAMinute()
    {
        var policy = Policy(okShare: 1, perMinute: 3);
        Assert.Equal(3, Kept(policy, Verdict.Unsure, 10));
        Assert.Equal(3, Kept(policy, Verdict.Ng, 10));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, Kept(policy, Verdict.Unsure, 10));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, Kept(policy, Verdict.Unsure, 10));
    }

    [Fact]
    public void BeyondLimit_WhatTheLimitKeptOut_IsCountedWithoutWhatWasNotDrawn()
    {
        var policy = Policy(okShare: 0, perMinute: 3);
        Kept(policy, Verdict.Ng, 10);
        Kept(policy, Verdict.Ok, 10);
        Assert.Equal(7, policy.BeyondLimit);
    }

    [Fact]
    public void TryTake_ALimitOfZero_KeepsNothing() => Assert.Equal(0, Kept(Policy(okShare: 1, perMinute: 0), Verdict.Ng, 10));

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.25, 200, 300)]
    [InlineData(1, 1000, 1000)]
    public void WhyWanted_Ok_IsAShareDrawnAtRandom(double share, int least, int most) => Assert.InRange(Kept(Policy(share, perMinute: 6000), Verdict.Ok, 1000), least, most);

    private static int Kept(SamplePolicy policy, Verdict verdict, int times) => Enumerable.Range(0, times).Count(_ => policy.WhyWanted(verdict) is not null && policy.TryTake(verdict));

    private SamplePolicy Policy(double okShare, int perMinute) => new(new() { OkShare = okShare, MaxPerMinute = perMinute }, time, new Random(1));
}
