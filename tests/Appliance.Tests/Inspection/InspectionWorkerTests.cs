using System.Text.Json;
using Appliance.Capture;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Messaging;
using Inference.Decisions;
using OpenCvSharp;

namespace Appliance.Tests.Inspection;

public sealed class InspectionWorkerTests : LineTest
{
    [Fact]
    public async Task Inspect_ATrigger_GetsItsVerdictAsItStandsInTheJournal()
    {
        Paint(Inspection.Paint.Green, "a.png");
        await bench.Live.PromoteAsync(bench.AddModel(), "anna", "first", Cancellation);
        await StartAsync($"folder:{Folder}");
        var verdict = await InspectAsync("t1", part: "p1");
        Assert.Equal((Verdict.Ng, "scratch", "p1", "r1", "t1", "c1", "a.png"), (verdict.Verdict, verdict.Class, verdict.Part, verdict.Recipe, verdict.Trigger, verdict.Camera, verdict.Source));
        Assert.Equal((bench.Journal.Epoch, 1ul, bench.Live.Current!.Model), (verdict.Epoch, verdict.Sequence, verdict.Model));
        Assert.Equal(verdict, Recorded().Single());
        Assert.Equal((1, 1), (line!.Statistics.Figures.Inspections, line.Statistics.Figures.Ng));
    }

    [Fact]
    public async Task Inspect_TheSameIdAgain_GetsTheRecordedVerdictAndNoSecondInspection()
    {
        await StartAsync("sim:plates");
        var first = await InspectAsync("t1");
        Assert.Equal(first, await InspectAsync("t1"));
        Assert.Single(Recorded());
        Assert.Single(bench.Journal.ReadFacts().OfType<TriggerAccepted>());
        await line!.DisposeAsync();
        line = null;
        await bench.RestartAsync();
        await StartAsync("sim:plates");
        Assert.Equal(first, await InspectAsync("t1"));
        Assert.NotEqual(first, await InspectAsync("t2"));
    }

    [Fact]
    public async Task Inspect_TheSameIdForAnotherPart_IsRefusedAndDoesNotGetTheOthersVerdict()
    {
        await StartAsync("sim:plates");
        var first = await InspectAsync("t1", part: "p1");
        var (verdict, refusal) = await line!.Desk.InspectAsync(TestLine.Trigger("t1", part: "p2"), Cancellation);
        Assert.Null(verdict);
        Assert.Equal($"Trigger 't1' has its verdict, {bench.Journal.Epoch}-1, for part 'p1'; it is none of part 'p2', which was not inspected. A new inspection takes a new id.", refusal!.Problem);
        Assert.Equal(RefusalReason.Invalid, refusal.Reason);
        // Without a part it means the trigger of then.
        Assert.Equal(first, (await line.Desk.InspectAsync(TestLine.Trigger("t1"), Cancellation)).Verdict);
        Assert.Single(Recorded());
    }

    [Fact]
    public async Task Inspect_ManyAtOnceWithRepeatedIds_GetOneVerdictEach()
    {
        await StartAsync("sim:plates");
        var verdicts = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => InspectAsync($"t{i % 20}")));
        Assert.Equal(20, Recorded().Count);
        Assert.All(verdicts.GroupBy(v => v.Trigger), same => Assert.Single(same.Distinct()));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (ulong)i), Recorded().Select(v => v.Sequence));
    }

    [Fact]
    public async Task Inspect_AnUnknownOrUnnamedCamera_IsRefusedAndNotAccepted()
    {
        bench.Options.Cameras.Add(new CameraOptions { Name = "c2", Source = "sim:plates", Mode = CameraMode.Trigger });
        line = await TestLine.StartAsync(bench);
        Assert.Contains("There is no camera 'c3'; the station has c1, c2.", (await line.Desk.InspectAsync(TestLine.Trigger("t1", "c3"), Cancellation)).Refusal!.Problem, StringComparison.Ordinal);
        Assert.Contains("must name one of c1, c2", (await line.Desk.InspectAsync(TestLine.Trigger("t1"), Cancellation)).Refusal!.Problem, StringComparison.Ordinal);
        Assert.Equal("c2", (await line.Desk.InspectAsync(TestLine.Trigger("t1", "c2"), Cancellation)).Verdict!.Camera);
    }

    [Fact]
    public async Task Inspect_ASourceThatHasEnded_IsFaultForEveryTrigger()
    {
        Paint(Inspection.Paint.Red, "a.png");
        await StartAsync($"folder:{Folder}");
        Assert.Equal(Reasons.NoModel, (await InspectAsync("t1")).Reason);
        for (var i = 2; i < 5; i++)
        {
            var verdict = await InspectAsync($"t{i}");
            Assert.Equal((Verdict.Fault, Reasons.Camera), (verdict.Verdict, verdict.Reason));
            Assert.Contains("has ended", verdict.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(4, Recorded().Count);
        Assert.Equal(CameraPhase.Ended, line!.Cameras[0].Phase);
    }

    [Fact]
    public async Task Inspect_ABrokenPicture_IsFaultAndTheNextOneIsJudged()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "a.png"), "no picture", Cancellation);
        Paint(Inspection.Paint.Red, "b.png");
        await StartAsync($"folder:{Folder}");
        var broken = await InspectAsync("t1");
        Assert.Equal((Verdict.Fault, Reasons.BadPicture, "a.png"), (broken.Verdict, broken.Reason, broken.Source));
        Assert.NotNull(broken.Detail);
        Assert.Equal(Reasons.NoModel, (await InspectAsync("t2")).Reason);
    }

    [Fact]
    public async Task AnswerInterrupted_WhatTheEpochBeforeLeft_IsFaultOnceAndFirst()
    {
        await bench.Journal.TryAcceptAsync(new TriggerAccepted("lost", "c1", "p1", "r1") { At = DateTimeOffset.UnixEpoch }, Cancellation);
        await bench.RestartAsync();
        await StartAsync("sim:plates");
        var verdict = await InspectAsync("lost");
        Assert.Equal((Verdict.Fault, Reasons.Interrupted, "p1", 2u, 1ul), (verdict.Verdict, verdict.Reason, verdict.Part, verdict.Epoch, verdict.Sequence));
        await line!.DisposeAsync();
        line = null;
        await bench.RestartAsync();
        await StartAsync("sim:plates");
        Assert.Equal(verdict, await InspectAsync("lost"));
        Assert.Single(Recorded());
    }

    [Fact]
    public async Task Inspect_OneOfTwoWhoWaitGivesUp_TheOtherGetsTheVerdict()
    {
        await StartAsync($"folder:{Folder}?watch=true");
        using var impatient = new CancellationTokenSource();
        var first = line!.Desk.InspectAsync(TestLine.Trigger("t1"), impatient.Token);
        var second = InspectAsync("t1");
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Paint(Inspection.Paint.Red, "a.png");
        Assert.Equal("a.png", (await second).Source);
    }

    [Fact]
    public async Task Trigger_AfterARestart_GetsNoPictureFromBefore()
    {
        await StartAsync($"folder:{Folder}?watch=true");
        Paint(Appliance.Tests.Inspection.Paint.Red, "a.png");
        Assert.Equal("a.png", (await InspectAsync("t1")).Source);
        // Its picture comes too late: it had its FAULT. The camera must have taken it up by then, also on a busy machine.
        var late = line!.Desk.InspectAsync(TestLine.Trigger("t2") with { Deadline = TimeSpan.FromSeconds(2) }, Cancellation);
        Assert.Equal(Reasons.Deadline, (await late).Verdict!.Reason);
        Paint(Appliance.Tests.Inspection.Paint.Red, "b.png");
        await Until.HoldsAsync(() => line.Statistics.Figures.Late == 1);
        await line.DisposeAsync();

        await StartAsync($"folder:{Folder}?watch=true");
        var third = InspectAsync("t3");
        await Until.HoldsAsync(() => line.Cameras[0].Phase == CameraPhase.Running && line.Cameras[0].PendingTriggers == 0);
        Paint(Appliance.Tests.Inspection.Paint.Red, "c.png");
        Assert.Equal("c.png", (await third).Source);
        Assert.Equal([("t1", "a.png"), ("t2", null), ("t3", "c.png")], Recorded().Select(v => (v.Trigger, v.Source)));
    }

    [Fact]
    public async Task Stop_WithTriggersThatWait_AnswersEveryOne()
    {
        await StartAsync($"folder:{Folder}?watch=true");
        var waiting = Enumerable.Range(0, 5).Select(i => InspectAsync($"t{i}")).ToList();
        // One is in the camera's hand.
        await Until.HoldsAsync(() => line!.Cameras[0].PendingTriggers >= 4);
        await line!.DisposeAsync();
        Assert.All(await Task.WhenAll(waiting), v => Assert.Equal((Verdict.Fault, Reasons.Camera), (v.Verdict, v.Reason)));
        Assert.Equal(5, Recorded().Count);
        line = null;
    }

    private Task StartAsync(string source) => StartAsync(new CameraOptions { Name = "c1", Source = source, Mode = CameraMode.Trigger });

    private async Task<VerdictMessage> InspectAsync(string id, string? part = null)
    {
        var (verdict, refusal) = await line!.Desk.InspectAsync(TestLine.Trigger(id, part: part), Cancellation).WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        Assert.Null(refusal);
        return verdict!;
    }

    private List<VerdictMessage> Recorded()
    {
        using var cursor = bench.Journal.OpenVerdicts(default);
        var found = new List<VerdictMessage>();
        while (cursor.TryRead(out _, out var json)) found.Add(JsonSerializer.Deserialize(json.Span, VerdictJson.Default.VerdictMessage)!);
        return found;
    }

    private void Paint(Paint paint, string name)
    {
        using var frame = Paints.Frame(paint);
        Cv2.ImWrite(Path.Combine(Folder, name), frame.Picture);
    }
}
