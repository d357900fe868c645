using Appliance.Capture;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Tests.Journal;
using Inference.Decisions;
using OpenCvSharp;
using Testing.Files;

namespace Appliance.Tests.Inspection;

/// <summary>The line while the journal takes no verdict.</summary>
public sealed class FailingJournalTests : LineTest
{
    [Fact]
    public async Task Record_ATriggeredPicture_WaitsAndIsFaultDisk()
    {
        await StartAsync($"folder:{Folder}?watch=true", CameraMode.Trigger);
        var answer = line!.Desk.InspectAsync(TestLine.Trigger("t1"), Cancellation);
        await Until.HoldsAsync(() => line.Cameras[0].Phase == CameraPhase.Running);
        Fail();
        Draw("a.png");
        await Until.HoldsAsync(() => bench.Journal.Trouble is not null);
        bench.Files.FailWhen = null;
        var verdict = (await answer.WaitAsync(TimeSpan.FromMinutes(1), Cancellation)).Verdict!;
        Assert.Equal((Verdict.Fault, Reasons.Disk, "a.png", 1ul), (verdict.Verdict, verdict.Reason, verdict.Source, verdict.Sequence));
        Assert.Contains("Free space", verdict.Detail, StringComparison.Ordinal);
        Assert.Single(JournalBench.ReadAll(bench.Journal));
    }

    [Fact]
    public async Task Record_PicturesOfFreeRun_AreCountedAndTakeNoSequence()
    {
        Fail();
        await StartAsync("sim:plates", CameraMode.Free);
        await Until.HoldsAsync(() => bench.Journal.Unrecorded.Total >= 3);
        Assert.Empty(JournalBench.ReadAll(bench.Journal));
        bench.Files.FailWhen = null;
        bench.Journal.Mend();
        await Until.HoldsAsync(() => bench.Journal.LastCommitted.Sequence >= 3);
        Assert.Equal([1, 2, 3], JournalBench.ReadAll(bench.Journal).Take(3).Select(v => v.Id.Sequence));
    }

    [Fact]
    public async Task Record_ATriggeredPictureThatWaits_DoesNotHoldUpTheOthers()
    {
        await StartAsync($"folder:{Folder}?watch=true", CameraMode.Free);
        Assert.Null((await line!.Desk.SubmitAsync(TestLine.Trigger("t1"), Cancellation)).Refusal);
        var answer = line.Desk.InspectAsync(TestLine.Trigger("t1"), Cancellation);
        Fail();
        // One of them is the trigger's, whichever the camera was waiting for; the others are of free run.
        foreach (var name in new[] { "a.png", "b.png", "c.png", "d.png", "e.png", "f.png" }) Draw(name);
        // It gets the first or the second: once two others are judged, it is.
        await Until.HoldsAsync(() => bench.Journal.Unrecorded.Total >= 2);
        Assert.False(answer.IsCompleted);
        bench.Files.FailWhen = null;
        Assert.Equal(Reasons.Disk, (await answer).Verdict!.Reason);
    }

    [Fact]
    public async Task Submit_TheSameIdWhileNobodyKnowsWhetherItIsAccepted_WaitsForTheFirst()
    {
        await StartAsync($"folder:{Folder}?watch=true", CameraMode.Trigger);
        FailSync();
        var both = Enumerable.Range(0, 2).Select(_ => line!.Desk.SubmitAsync(TestLine.Trigger("t1"), Cancellation)).ToList();
        await Until.HoldsAsync(() => bench.Journal.Trouble is not null);
        Assert.All(both, one => Assert.False(one.IsCompleted));
        bench.Files.FailWhen = null;
        bench.Journal.Mend();
        foreach (var one in both) Assert.Null((await one).Refusal);
        Assert.Single(bench.Journal.ReadFacts().OfType<TriggerAccepted>());
    }

    [Fact]
    public async Task Inspect_TheSameIdWhenTheFirstIsNotAccepted_IsRefusedToo()
    {
        await StartAsync($"folder:{Folder}?watch=true", CameraMode.Trigger);
        FailSync();
        var both = Enumerable.Range(0, 2).Select(_ => line!.Desk.InspectAsync(TestLine.Trigger("t1"), Cancellation)).ToList();
        await Until.HoldsAsync(() => bench.Journal.Trouble is not null);
        line!.Desk.Close();
        Assert.True((await Assert.ThrowsAsync<JournalException>(() => both[0])).IsUnknown);
        Assert.Equal(RefusalReason.Stopping, (await both[1]).Refusal!.Reason);
    }

    [Fact]
    public async Task Submit_WhoAskedGivesUp_TheTriggerIsStillAccepted()
    {
        await StartAsync($"folder:{Folder}?watch=true", CameraMode.Trigger);
        FailSync();
        using var impatient = new CancellationTokenSource();
        var first = line!.Desk.SubmitAsync(TestLine.Trigger("t1"), impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Until.HoldsAsync(() => bench.Journal.Trouble is not null);
        bench.Files.FailWhen = null;
        bench.Journal.Mend();
        Assert.Null((await line.Desk.SubmitAsync(TestLine.Trigger("t1"), Cancellation)).Refusal);
        Assert.Single(bench.Journal.ReadFacts().OfType<TriggerAccepted>());
    }

    private void Draw(string name)
    {
        using var frame = Paints.Frame(Paint.Red);
        Cv2.ImWrite(Path.Combine(Folder, name), frame.Picture);
    }

    private void FailSync() => bench.Files.FailWhen = (operation, path) => operation == FileOperation.Sync && path.Contains("facts", StringComparison.Ordinal);

    private void Fail() => bench.Files.FailWhen = (operation, path) => operation == FileOperation.Write && path.Contains("verdicts", StringComparison.Ordinal);

    private Task StartAsync(string source, CameraMode mode) => StartAsync(new CameraOptions { Name = "c1", Source = source, Mode = mode });
}
