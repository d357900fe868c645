using Appliance.Journal;

namespace Appliance.Tests.Journal;

public sealed class StateLockTests : IDisposable
{
    private readonly JournalBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void Take_WhileItIsHeld_NamesTheProcess()
    {
        using var held = StateLock.Take(bench.State);
        var e = Assert.Throws<JournalException>(() => StateLock.Take(bench.State));
        Assert.Contains($"in use by another process (process {Environment.ProcessId})", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Take_NoRoomForItsOwner_IsTakenAndGivenBack()
    {
        File.CreateSymbolicLink(Path.Combine(bench.State, "lock.owner"), "/dev/full");
        StateLock.Take(bench.State).Dispose();
        StateLock.Take(bench.State).Dispose();
    }

    [Fact]
    public void Take_DiskDoesNotLetIt_SaysWhatIsWrongAndNotThatItIsInUse()
    {
        File.CreateSymbolicLink(Path.Combine(bench.State, "lock"), "/proc/none/lock");
        var e = Assert.Throws<JournalException>(() => StateLock.Take(bench.State));
        Assert.DoesNotContain("in use", e.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be locked", e.Message, StringComparison.Ordinal);
    }
}
