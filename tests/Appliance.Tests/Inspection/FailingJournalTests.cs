using Appliance.Capture;
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
        while (line.Cameras[0].Phase != CameraPhase.Running) await Task.Yield();
        Fail();
        using (var frame = Paints.Frame(Paint.Red)) Cv2.ImWrite(Path.Combine(Folder, "a.png"), frame.Picture);
        while (bench.Journal.Trouble is null) await Task.Yield();
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
        while (bench.Journal.Unrecorded.Total < 3) await Task.Yield();
        Assert.Empty(JournalBench.ReadAll(bench.Journal));
        bench.Files.FailWhen = null;
        bench.Journal.TryAgain();
        while (bench.Journal.LastCommitted.Sequence < 3) await Task.Yield();
        Assert.Equal([1, 2, 3], JournalBench.ReadAll(bench.Journal).Take(3).Select(v => v.Id.Sequence));
    }

    private void Fail() => bench.Files.FailWhen = (operation, path) => operation == FileOperation.Write && path.Contains("verdicts", StringComparison.Ordinal);

    private Task StartAsync(string source, CameraMode mode) => StartAsync(new CameraOptions { Name = "c1", Source = source, Mode = mode });
}
