using Appliance.Capture;

namespace Appliance.Tests.Capture;

public sealed class WakeTests
{
    private readonly Timers time = new();

    [Fact]
    public void Wait_BelowAMillisecond_IsNotForNothing()
    {
        using var wake = new Wake(time);
        wake.Wait(TimeSpan.FromMilliseconds(0.2), TestContext.Current.CancellationToken);
        wake.Wait(TimeSpan.FromMilliseconds(2.1), TestContext.Current.CancellationToken);
        Assert.Equal([1, 3], time.Due.Select(due => due.TotalMilliseconds));
    }

    [Fact]
    public void Set_ByATimerThatIsLate_IsHarmlessAfterTheDisposal()
    {
        var wake = new Wake(time);
        wake.Wait(TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken);
        wake.Dispose();
        time.Last!();
    }

    /// <summary>Its timers are due at once, and call whatever became of them.</summary>
    private sealed class Timers : TimeProvider
    {
        public List<TimeSpan> Due { get; } = [];

        public Action? Last { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Due.Add(dueTime);
            Last = () => callback(state);
            Last();
            return System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
