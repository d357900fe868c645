using Appliance.Capture;
using Appliance.Capture.Folders;
using Appliance.Inspection;
using Appliance.Samples;
using Appliance.Tests.Hosting;
using Appliance.Watchdog;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Tests.Inspection;

/// <summary>Cameras, queue, judge, samples and trigger desk over a <see cref="StationBench"/>, started in the station's order.</summary>
internal sealed class TestLine : IAsyncDisposable
{
    private readonly StationBench bench;
    private readonly InspectionQueue queue;
    private readonly Judge judge;
    private readonly CameraFleet cameras;
    private readonly TakenLists taken;
    private readonly SampleWriter samples;
    private readonly InspectionWorker worker;
    private readonly FaultWorker faults;

    private TestLine(StationBench bench, TimeProvider time)
    {
        this.bench = bench;
        var options = bench.Options;
        judge = new Judge(bench.Backbone, bench.Slot, time);
        Statistics = new InspectionStatistics(time);
        queue = new InspectionQueue(options.Cameras, time, Statistics.CameLate);
        Open = new OpenTriggers(time);
        var recorder = new VerdictRecorder(bench.Journal, Open, Statistics, time);
        samples = new SampleWriter(options, new SamplePolicy(options.Sampling, time, new Random(1)), bench.Samples, bench.Journal, bench.Disk, time, NullLogger<SampleWriter>.Instance);
        worker = new InspectionWorker(options, queue, judge, recorder, samples, Statistics, bench.Shadow, new(time), time);
        faults = new FaultWorker(options, queue, Open, recorder, worker.Pulse, time);
        cameras = new CameraFleet(options, faults, time, NullLogger<CameraFleet>.Instance, taken = new(options, bench.Files, NullLogger<TakenLists>.Instance));
        Switch = new LineSwitch(bench.Journal, cameras, time, NullLogger<LineSwitch>.Instance);
        Desk = new TriggerDesk(options, bench.Journal, cameras, Open, Switch, time);
    }

    public TriggerDesk Desk { get; }

    public OpenTriggers Open { get; }

    public IFrameSink Sink => faults;

    public LineSwitch Switch { get; }

    public InspectionStatistics Statistics { get; }

    public Pulse Judging => worker.Pulse;

    public IReadOnlyList<CameraState> Cameras => cameras.States;

    public static async Task<TestLine> StartAsync(StationBench bench, TimeProvider? time = null)
    {
        var line = new TestLine(bench, time ?? TimeProvider.System);
        line.Desk.AnswerInterrupted();
        line.Switch.Restore();
        await line.samples.StartAsync(CancellationToken.None);
        await line.taken.StartAsync(CancellationToken.None);
        await line.faults.StartAsync(CancellationToken.None);
        await line.worker.StartAsync(CancellationToken.None);
        await line.cameras.StartAsync(CancellationToken.None);
        return line;
    }

    public static TriggerRequest Trigger(string id, string? camera = null, string? part = null) => new(id, camera, part, "r1", TimeProvider.System.GetTimestamp());

    public async ValueTask DisposeAsync()
    {
        await cameras.StopAsync(CancellationToken.None);
        await worker.StopAsync(CancellationToken.None);
        await faults.StopAsync(CancellationToken.None);
        await taken.StopAsync(CancellationToken.None);
        await samples.StopAsync(CancellationToken.None);
        Assert.False(worker.ExecuteTask!.IsFaulted, worker.ExecuteTask.Exception?.ToString());
        cameras.Dispose();
        Assert.False(faults.ExecuteTask!.IsFaulted, faults.ExecuteTask.Exception?.ToString());
        worker.Dispose();
        faults.Dispose();
        taken.Dispose();
        Switch.Dispose();
        samples.Dispose();
        queue.Dispose();
        judge.Dispose();
    }
}
