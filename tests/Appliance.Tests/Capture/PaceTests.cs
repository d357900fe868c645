using Appliance.Capture;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Tests.Capture;

public sealed class PaceTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void UntilDue_WhilePaused_IsNever()
    {
        var time = new FakeTimeProvider();
        var pace = new Pace(new CameraOptions { RatePerSecond = 10 }, time) { Paused = true };
        Assert.Null(pace.UntilDue());
        pace.Paused = false;
        Assert.Equal(TimeSpan.Zero, pace.UntilDue());
    }

    [Fact]
    public void UntilDue_LateEveryTime_DoesNotDrift()
    {
        var pace = new Pace(new CameraOptions { RatePerSecond = 10 }, time);
        Assert.Equal(TimeSpan.Zero, pace.UntilDue());
        pace.Taken();
        for (var i = 0; i < 50; i++)
        {
            time.Advance(pace.UntilDue()!.Value + TimeSpan.FromMilliseconds(30));
            pace.Taken();
            Assert.Equal(70, pace.UntilDue()!.Value.TotalMilliseconds, 0.01);
        }
    }

    [Fact]
    public void UntilDue_AfterAStall_StartsAnewInsteadOfCatchingUp()
    {
        var pace = new Pace(new CameraOptions { RatePerSecond = 10 }, time);
        pace.Taken();
        time.Advance(TimeSpan.FromSeconds(5));
        pace.Taken();
        Assert.Equal(100, pace.UntilDue()!.Value.TotalMilliseconds, 0.01);
    }

    [Fact]
    public void UntilDue_TriggerMode_IsNever() => Assert.Null(new Pace(new CameraOptions { Mode = CameraMode.Trigger, RatePerSecond = 10 }, time).UntilDue());
}
