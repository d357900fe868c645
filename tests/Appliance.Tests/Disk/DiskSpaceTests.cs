using Appliance.Disk;
using Appliance.Tests.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Tests.Disk;

public sealed class DiskSpaceTests
{
    private readonly LogEvents<DiskSpace> log = new();
    private readonly Hand time = new();
    private long free = 1000;

    [Fact]
    public void Shortage_RoomRunsOutAndComesBack_LastsUntilATenthMoreIsFreeAndIsSaidOnce()
    {
        var disk = new DiskSpace(new() { MinFreeBytes = 1000 }, () => free, time, log);
        var changes = 0;
        disk.Changed += () => changes++;
        Assert.Null(After(disk, 1000));
        Assert.Contains("999 bytes are free", After(disk, 999), StringComparison.Ordinal);
        Assert.NotNull(After(disk, 1099));
        Assert.Null(After(disk, 1100));
        Assert.Null(After(disk, 1000));
        Assert.Equal((2, 1, 1), (changes, log.At(LogLevel.Warning).Count(), log.At(LogLevel.Information).Count()));
    }

    [Fact]
    public void Shortage_WithinASecond_IsNotLookedAtAgain()
    {
        var disk = new DiskSpace(new() { MinFreeBytes = 1000 }, () => free, time, log);
        Assert.Null(disk.Shortage);
        free = 0;
        Assert.Null(disk.Shortage);
        time.Advance();
        Assert.NotNull(disk.Shortage);
    }

    [Fact]
    public void Shortage_DiskDoesNotSay_CountsAsFullUntilItDoes()
    {
        var fails = true;
        var disk = new DiskSpace(new() { MinFreeBytes = 1000 }, () => fails ? throw new IOException("Input/output error") : free, time, log);
        Assert.Contains("Input/output error", disk.Shortage, StringComparison.Ordinal);
        Assert.Equal(0, disk.FreeBytes);
        fails = false;
        Assert.Null(After(disk, 1100));
        Assert.Equal((1, 1), (log.At(LogLevel.Warning).Count(), log.At(LogLevel.Information).Count()));
    }

    private string? After(DiskSpace disk, long now)
    {
        free = now;
        time.Advance();
        return disk.Shortage;
    }

    private sealed class Hand : TimeProvider
    {
        private long seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => seconds;

        public void Advance() => seconds++;
    }
}
