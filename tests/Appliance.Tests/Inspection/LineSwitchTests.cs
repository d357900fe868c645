using Appliance.Capture;
using Appliance.Journal;
using Appliance.Messaging;
using Inference.Decisions;
using OpenCvSharp;

namespace Appliance.Tests.Inspection;

public sealed class LineSwitchTests : LineTest
{
    [Fact]
    public async Task Pause_ThenATrigger_IsRefusedAndWhatWasAcceptedIsJudged()
    {
        await StartAsync(new CameraOptions { Name = "c1", Source = $"folder:{Folder}?watch=true", Mode = CameraMode.Trigger });
        await line!.Desk.SubmitAsync(TestLine.Trigger("before"), Cancellation);
        await line.Switch.SwitchAsync(true, "anna", "tool change", Cancellation);
        var refusal = (await line.Desk.SubmitAsync(TestLine.Trigger("during"), Cancellation)).Refusal!;
        Assert.Equal(RefusalReason.Paused, refusal.Reason);
        Assert.Contains("paused by anna (tool change)", refusal.Problem, StringComparison.Ordinal);
        using (var frame = Paints.Frame(Paint.Red)) Cv2.ImWrite(Path.Combine(Folder, "a.png"), frame.Picture);
        Assert.Equal(Reasons.NoModel, (await line.Desk.InspectAsync(TestLine.Trigger("before"), Cancellation)).Verdict!.Reason);
        Assert.Equal(["before"], bench.Journal.ReadFacts().OfType<TriggerAccepted>().Select(t => t.Trigger));
    }

    [Fact]
    public async Task Pause_OverARestart_StaysUntilResumed()
    {
        await StartAsync(Free);
        await line!.Switch.SwitchAsync(true, "anna", "tool change", Cancellation);
        await line.DisposeAsync();
        await bench.RestartAsync();
        await StartAsync(Free);
        Assert.True(line!.Switch.IsPaused);
        Assert.Equal(0, line.Cameras[0].Grabbed);
        await line.Switch.SwitchAsync(false, "bert", null, Cancellation);
        await Until.HoldsAsync(() => line.Statistics.Figures.Inspections >= 3);
        Assert.Equal([(true, "anna", "tool change"), (false, "bert", "no reason given")], bench.Journal.ReadFacts().OfType<LineSwitched>().Select(f => (f.Paused, f.By, f.Why)));
    }

    [Fact]
    public async Task Pause_OfAPausedLine_KeepsWhoSaidItFirst()
    {
        await StartAsync(Free);
        await line!.Switch.SwitchAsync(true, "anna", "tool change", Cancellation);
        Assert.Equal("anna", (await line.Switch.SwitchAsync(true, "bert", null, Cancellation)).By);
        Assert.Single(bench.Journal.ReadFacts().OfType<LineSwitched>());
    }

    private static CameraOptions Free => new() { Name = "c1", Source = "sim:plates", RatePerSecond = 200 };
}
