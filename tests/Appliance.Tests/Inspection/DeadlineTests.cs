using System.Text.Json;
using Appliance.Capture;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Tests.Hosting;
using Inference.Decisions;
using Microsoft.Extensions.Time.Testing;
using OpenCvSharp;

namespace Appliance.Tests.Inspection;

/// <summary>Triggers of a camera that has no picture for them, on a clock of the test's own.</summary>
public sealed class DeadlineTests : IAsyncLifetime
{
    private readonly StationBench bench = new();
    private readonly FakeTimeProvider time = new();
    private TestLine? line;

    private static CancellationToken Cancellation => Until.Cancellation;

    private string Folder => Directory.CreateDirectory(bench.PathOf("pictures")).FullName;

    public async ValueTask InitializeAsync()
    {
        bench.Options.Cameras = [new CameraOptions { Name = "c1", Source = $"folder:{Folder}?watch=true", Mode = CameraMode.Trigger, TriggerQueueLength = 2 }];
        line = await TestLine.StartAsync(bench, time);
    }

    public async ValueTask DisposeAsync()
    {
        if (line is not null) await line.DisposeAsync();
        await bench.DisposeAsync();
    }

    [Fact]
    public async Task Deadline_WithoutAPicture_IsFaultThatTheSameIdGetsAgain()
    {
        var first = await FaultAsync("t1", TimeSpan.FromMilliseconds(800));
        Assert.Equal((Verdict.Fault, Reasons.Deadline, "p1"), (first.Verdict, first.Reason, first.Part));
        Assert.Equal("The deadline of 800 ms passed while a picture of camera c1 was awaited.", first.Detail);
        Assert.Equal(first, (await line!.Desk.InspectAsync(Request("t1"), Cancellation)).Verdict);
        Assert.Equal(800, Assert.Single(bench.Journal.ReadFacts().OfType<TriggerAccepted>()).DeadlineMs);
        Assert.Equal((1, 1, 0), (line.Statistics.Figures.Inspections, line.Statistics.Figures.Deadline, line.Statistics.Figures.Late));
    }

    [Fact]
    public async Task Deadline_WhileAModelHangs_SaysThatJudgementWasAwaited()
    {
        line!.Judging.Begin();
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Matches(@"^The deadline of 1000 ms passed while judgement was awaited: one picture has been judged for (4\.9|5\.\d) s\.$", (await FaultAsync("t1", TimeSpan.FromSeconds(1))).Detail);
        line.Judging.End();
        Assert.Contains("a picture of camera c1 was awaited", (await FaultAsync("t2", TimeSpan.FromSeconds(1), inHand: false)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deadline_ThatNoTriggerNames_IsTheStations()
    {
        bench.Options.Inspection.Deadline = TimeSpan.FromSeconds(3);
        Assert.Contains("3000 ms", (await FaultAsync("t1", null)).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(25, 1000, 975)]
    [InlineData(300, 2000, 1700)]
    [InlineData(300, 1000, 750)]
    public async Task Deadline_WithItsMargin_IsDueSoMuchEarlierAndAQuarterAtMost(int marginMs, int deadlineMs, int dueMs)
    {
        bench.Options.Inspection.DeadlineMargin = TimeSpan.FromMilliseconds(marginMs);
        Assert.Null((await line!.Desk.SubmitAsync(Request("t1") with { Deadline = TimeSpan.FromMilliseconds(deadlineMs) }, Cancellation)).Refusal);
        Assert.Equal(Ticks(dueMs), Assert.Single(line.Open.Left).Due);
    }

    [Fact]
    public async Task Result_AfterTheDeadline_IsCountedAndNotCommitted()
    {
        await FaultAsync("t1", TimeSpan.FromSeconds(1));
        var second = line!.Desk.InspectAsync(Request("t2"), Cancellation);
        Paint("a.png");
        Paint("b.png");
        var verdict = (await second).Verdict!;
        Assert.Equal((Reasons.NoModel, "t2"), (verdict.Reason, verdict.Trigger));
        Assert.Equal((2, 1), (line.Statistics.Figures.Inspections, line.Statistics.Figures.Late));
        Assert.Equal(["t1", "t2"], Recorded().Select(v => v.Trigger));
    }

    [Fact]
    public async Task Trigger_BeyondWhatMayBeOpen_IsRefusedAndNotAccepted()
    {
        for (var i = 0; i < 2; i++) Assert.Null((await line!.Desk.SubmitAsync(Request($"t{i}"), Cancellation)).Refusal);
        Assert.Equal(RefusalReason.Overload, (await line!.Desk.SubmitAsync(Request("t2"), Cancellation)).Refusal!.Reason);
        Assert.Null((await line.Desk.SubmitAsync(Request("t1"), Cancellation)).Refusal);
        Assert.Equal(["t0", "t1"], bench.Journal.ReadFacts().OfType<TriggerAccepted>().Select(t => t.Trigger));
        time.Advance(TimeSpan.FromMinutes(1));
        await line.Desk.InspectAsync(Request("t0"), Cancellation);
        await line.Desk.InspectAsync(Request("t1"), Cancellation);
        Assert.Null((await line.Desk.SubmitAsync(Request("t2"), Cancellation)).Refusal);
    }

    [Fact]
    public async Task Trigger_OnceTheStationStops_IsRefusedButARepeatedOneGetsItsVerdict()
    {
        var first = await FaultAsync("t1", TimeSpan.FromSeconds(1));
        line!.Desk.Close();
        Assert.Equal(RefusalReason.Stopping, (await line.Desk.SubmitAsync(Request("t2"), Cancellation)).Refusal!.Reason);
        Assert.Equal(first, (await line.Desk.InspectAsync(Request("t1"), Cancellation)).Verdict);
    }

    [Fact]
    public async Task Deadline_OfMoreThanMayWaitWhileTheCameraHangs_IsStillTheReason()
    {
        for (var i = 0; i < 10; i++) Assert.Equal(Reasons.Deadline, (await FaultAsync($"t{i}", TimeSpan.FromSeconds(1), inHand: i == 0)).Reason);
    }

    [Fact]
    public void NextDue_BeforeAndAtTheDeadline_IsExact()
    {
        var open = new OpenTriggers(time);
        var (first, second) = (Request("a") with { Camera = "c1", Due = Ticks(20) }, Request("b") with { Camera = "c1", Due = Ticks(10) });
        foreach (var request in (TriggerRequest[])[first, second])
        {
            Assert.True(open.TryEnter(request, 2, out _));
            open.Accept(request);
        }

        time.Advance(TimeSpan.FromMilliseconds(9));
        Assert.Null(open.NextDue(out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(1), wait);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Same(second, open.NextDue(out _));
        open.Answer("a", VerdictMessage.Fault("s1", "c1", null, "r1", "a", DateTimeOffset.UnixEpoch, 0, Reasons.Camera, ""));
        time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Null(open.NextDue(out wait));
        Assert.Null(wait);
    }

    [Fact]
    public async Task Fault_OfACameraInFreeRun_IsAVerdictForNobody()
    {
        line!.Sink.Fault(new CapturedFault("c1", null, Reasons.Camera, "The cable was pulled.", time.GetTimestamp(), time.GetUtcNow()));
        await FaultAsync("t1", TimeSpan.FromSeconds(1));
        Assert.Equal([(null, Reasons.Camera), ("t1", Reasons.Deadline)], Recorded().Select(v => (v.Trigger, v.Reason)));
    }

    private long Ticks(int ms) => time.GetTimestamp() + (ms * time.TimestampFrequency / 1000);

    private TriggerRequest Request(string id) => new(id, null, "p1", "r1", time.GetTimestamp());

    /// <summary>Lets the deadline of one trigger pass.</summary>
    private async Task<VerdictMessage> FaultAsync(string id, TimeSpan? deadline, bool inHand = true)
    {
        Assert.Null((await line!.Desk.SubmitAsync(Request(id) with { Deadline = deadline }, Cancellation)).Refusal);
        // In the camera's hand, so that the next picture is its.
        await Until.HoldsAsync(() => !inHand || line.Cameras[0].PendingTriggers == 0);
        var answer = line.Desk.InspectAsync(Request(id), Cancellation);
        Until.Holds(() => answer.IsCompleted, () => time.Advance(TimeSpan.FromMilliseconds(100)));
        return (await answer).Verdict!;
    }

    private List<VerdictMessage> Recorded()
    {
        using var cursor = bench.Journal.OpenVerdicts(default);
        var found = new List<VerdictMessage>();
        while (cursor.TryRead(out _, out var json)) found.Add(JsonSerializer.Deserialize(json.Span, VerdictJson.Default.VerdictMessage)!);
        return found;
    }

    private void Paint(string name)
    {
        using var frame = Paints.Frame(Inspection.Paint.Red);
        Cv2.ImWrite(Path.Combine(Folder, name), frame.Picture);
    }
}
