using Appliance.Inspection;
using Appliance.Journal;
using Inference.Decisions;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Tests.Inspection;

public sealed class InspectionStatisticsTests
{
    private readonly FakeTimeProvider time = new();
    private readonly InspectionStatistics statistics;

    public InspectionStatisticsTests()
    {
        statistics = new InspectionStatistics(time);
        time.Advance(TimeSpan.FromHours(1));
    }

    [Fact]
    public void Figures_OfNothing_AreZero() => Assert.Equal(new InspectionFigures(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), statistics.Figures);

    [Fact]
    public void Committed_EachKind_IsCountedAndMeasuredFromTheGrab()
    {
        Commit(1, Verdict.Ok, 10);
        Commit(2, Verdict.Ng, 20);
        Commit(3, Verdict.Unsure, 30);
        Commit(4, Verdict.Fault, 40);
        Commit(5, Verdict.Ok, 50);
        Assert.Equal(new InspectionFigures(5, 2, 1, 1, 1, 0, 0, 30, 50, 0, 0), statistics.Figures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Written_InEitherOrder_IsTheTimeFromGrabToSocketAndCountedOnce(bool commitFirst)
    {
        var (grabbed, id) = (time.GetTimestamp(), new InspectionId(1, 7));
        time.Advance(TimeSpan.FromMilliseconds(12));
        var written = time.GetTimestamp();
        if (commitFirst) statistics.Committed(id, Verdict.Ok, grabbed);
        statistics.Written(id, written);
        if (!commitFirst) statistics.Committed(id, Verdict.Ok, grabbed);
        Assert.Equal(12, statistics.Figures.PublishP99Ms);

        // Sent again minutes later, after a lost connection.
        time.Advance(TimeSpan.FromMinutes(5));
        statistics.Written(id, time.GetTimestamp());
        Assert.Equal(12, statistics.Figures.PublishP99Ms);
    }

    [Fact]
    public void Written_LongAfterwards_DoesNotMixInspections()
    {
        Commit(1, Verdict.Ok, 5);
        Commit(1 + 1024, Verdict.Ok, 5);
        statistics.Written(new InspectionId(1, 1), time.GetTimestamp());
        statistics.Written(new InspectionId(2, 1 + 1024), time.GetTimestamp());
        Assert.Equal(0, statistics.Figures.PublishP99Ms);
    }

    [Fact]
    public void Latency_BeyondItsLength_KeepsTheLastOnes()
    {
        var latency = new RecentLatency();
        for (var i = 0; i < 3000; i++) latency.Add(i < 1976 ? 1000 : 1);
        Assert.Equal(1, latency.At(1));
        Assert.Equal(1, latency.At(0));
    }

    private void Commit(ulong sequence, Verdict verdict, int ms)
    {
        var grabbed = time.GetTimestamp();
        time.Advance(TimeSpan.FromMilliseconds(ms));
        statistics.Committed(new InspectionId(1, sequence), verdict, grabbed);
    }
}
