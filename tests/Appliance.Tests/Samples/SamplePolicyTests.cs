using Appliance.Samples;
using Inference.Decisions;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Tests.Samples;

public sealed class SamplePolicyTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void WhyKept_WithinTheLimit_IsTheVerdictAndForOkAnAudit()
    {
        var policy = Policy(okShare: 1, perMinute: 10);
        Assert.Equal("verdict", policy.WhyKept(Verdict.Ng));
        Assert.Equal("verdict", policy.WhyKept(Verdict.Unsure));
        Assert.Equal("verdict", policy.WhyKept(Verdict.Fault));
        Assert.Equal("audit", policy.WhyKept(Verdict.Ok));
    }

    [Fact]
    public void WhyKept_OneKindAtItsLimit_LeavesTheOthersAloneAndComesBackAfterAMinute()
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
    public void WhyKept_ALimitOfZero_KeepsNothing() => Assert.Equal(0, Kept(Policy(okShare: 1, perMinute: 0), Verdict.Ng, 10));

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.25, 200, 300)]
    [InlineData(1, 1000, 1000)]
    public void WhyKept_Ok_IsAShareDrawnAtRandom(double share, int least, int most) => Assert.InRange(Kept(Policy(share, perMinute: 6000), Verdict.Ok, 1000), least, most);

    private static int Kept(SamplePolicy policy, Verdict verdict, int times) => Enumerable.Range(0, times).Count(_ => policy.WhyKept(verdict) is not null);

    private SamplePolicy Policy(double okShare, int perMinute) => new(new() { OkShare = okShare, MaxPerMinute = perMinute }, time, new Random(1));
}
