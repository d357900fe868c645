using Appliance.Samples;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Files;

namespace Appliance.Tests.Samples;

public sealed class RetentionClockTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TemporaryDirectory directory = new();
    private readonly JumpingTime time = new(Start);

    private string FilePath => directory[RetentionClock.FileName];

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Now_AClockThatIsRight_IsFollowed()
    {
        var clock = Open();
        for (var day = 0; day < 3; day++)
        {
            Assert.Equal(time.GetUtcNow(), clock.Now());
            time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Null(clock.Behind);
    }

    [Fact]
    public void Now_AClockThatJumpsAYear_IsBelievedNoFasterThanTwiceTheTimeAlsoOverRestarts()
    {
        var clock = Open();
        clock.Now();
        time.Jump = TimeSpan.FromDays(365);
        Assert.Equal(Start, clock.Now());
        Assert.Contains("The clock says 2027-06-01, which is 365 days more than have passed here", clock.Behind, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(Start.AddDays(2), clock.Now());
        // A stop is believed for four days, whatever the clock says.
        clock = Open();
        Assert.Equal(Start.AddDays(6), clock.Now());
        Assert.NotNull(clock.Behind);
        // It is set right.
        time.Jump = TimeSpan.Zero;
        Assert.Equal((Start.AddDays(1), null), (clock.Now(), clock.Behind));
    }

    [Fact]
    public void Now_WithoutTheFile_BelievesTheClock()
    {
        Open().Now();
        time.Jump = TimeSpan.FromDays(365);
        File.Delete(FilePath);
        var clock = Open();
        Assert.Equal((Start.AddDays(365), null), (clock.Now(), clock.Behind));
        File.WriteAllText(FilePath, "null");
        Assert.Equal(Start.AddDays(365), Open().Now());
    }

    [Fact]
    public void Now_AClockThatWasNeverSet_MakesNothingOldAndIsNotKept()
    {
        time.Jump = new DateTimeOffset(1970, 1, 1, 0, 1, 0, TimeSpan.Zero) - Start;
        var clock = Open();
        Assert.Equal(1970, clock.Now().Year);
        Assert.False(File.Exists(FilePath));
        time.Jump = TimeSpan.Zero;
        Assert.Equal((Start, null), (clock.Now(), clock.Behind));
    }

    private RetentionClock Open() => new(LinuxFileSystem.Instance, FilePath, time, NullLogger<RetentionClock>.Instance);
}
