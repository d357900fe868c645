using Appliance.Capture;
using Appliance.Capture.Supervision;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Tests.Capture;

public sealed class RestartsTests
{
    [Fact]
    public async Task Wait_PersonWantsItWhileTooManyOpeningsHang_WaitsUntilOneComesBack()
    {
        var (time, options) = (new FakeTimeProvider(), new CameraOptions());
        using var asked = new SemaphoreSlim(0);
        var mayOpen = false;
        using var restarts = new Restarts(options, () =>
        {
            asked.Release();
            return Volatile.Read(ref mayOpen);
        }, time);
        Assert.Null(restarts.Plan(givesAgain: false));
        restarts.Hasten();
        Assert.True(await asked.WaitAsync(Until.Limit, TestContext.Current.CancellationToken));
        var waiting = Task.Run(() => restarts.Wait(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        Assert.True(await asked.WaitAsync(Until.Limit, TestContext.Current.CancellationToken));
        Volatile.Write(ref mayOpen, true);
        Until.Holds(() => waiting.IsCompleted, () => time.Advance(options.RestartWindow));

        Assert.True(await waiting);
    }

    [Fact]
    public void Wait_FolderThatWouldGiveItsPicturesAgain_IsOpenedOnlyForAPerson()
    {
        using var restarts = new Restarts(new CameraOptions(), () => true, new FakeTimeProvider());
        Assert.Null(restarts.Plan(givesAgain: true));
        restarts.Hasten();
        Assert.True(restarts.Wait(TestContext.Current.CancellationToken));
    }
}
