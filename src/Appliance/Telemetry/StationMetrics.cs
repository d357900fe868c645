using System.Diagnostics.Metrics;
using Appliance.Capture;
using Appliance.Disk;
using Appliance.Health;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Models;
using Appliance.Samples;
using Appliance.Training;
using Inference.Decisions;
using Microsoft.Extensions.Hosting;

namespace Appliance.Telemetry;

/// <summary>
/// The station's figures as instruments, named as OpenTelemetry's conventions do: what counts already is read when somebody asks, and only what has to be
/// seen as it happens is told. Names are a contract with dashboards: a test holds deploy/grafana against them.
/// </summary>
internal sealed class StationMetrics : IHostedService
{
    public const string MeterName = "InspectionAppliance";
    private static readonly InstrumentAdvice<double> OfAnInspection = new() { HistogramBucketBoundaries = [0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] };
    private static readonly InstrumentAdvice<double> OfASync = new() { HistogramBucketBoundaries = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1] };

    private readonly Meter meter;
    private readonly InspectionStatistics statistics;
    private readonly StationJournal journal;
    private readonly LabelDesk desk;
    private readonly LiveModel live;
    private readonly TrainingState training;
    private readonly Counter<long> verdicts;
    private readonly Counter<long> faults;
    private readonly Counter<long> labels;
    private readonly Counter<long> swaps;
    private readonly Counter<long> trainings;
    private readonly Histogram<double> commit;
    private readonly Histogram<double> publish;
    private readonly Histogram<double> sync;

    public StationMetrics(
        IMeterFactory meters, InspectionStatistics statistics, StationJournal journal, LabelDesk desk, LiveModel live, TrainingState training, CameraFleet cameras, InspectionQueue queue, OpenTriggers triggers,
        OutboxState outbox, MqttTriggers commands, DiskSpace disk, SampleWriter samples, Readiness readiness)
    {
        meter = meters.Create(MeterName);
        (this.statistics, this.journal, this.desk, this.live, this.training) = (statistics, journal, desk, live, training);
        verdicts = meter.CreateCounter<long>("inspection.verdicts", "{verdict}", "Verdicts by kind");
        faults = meter.CreateCounter<long>("inspection.faults", "{verdict}", "FAULT verdicts by reason");
        commit = meter.CreateHistogram("inspection.commit.duration", "s", "From grab to the journal", null, OfAnInspection);
        publish = meter.CreateHistogram("inspection.publish.duration", "s", "From grab to the broker's socket", null, OfAnInspection);
        sync = meter.CreateHistogram("inspection.journal.sync.duration", "s", "One sync of the journal", null, OfASync);
        labels = meter.CreateCounter<long>("inspection.labels", "{label}", "Labels given");
        swaps = meter.CreateCounter<long>("inspection.model.swaps", "{swap}", "Changes of the live model or its policy");
        trainings = meter.CreateCounter<long>("inspection.trainings", "{round}", "Training rounds by outcome");
        OfTheLine(queue, triggers, samples);
        OfCameras(cameras);
        OfDelivery(outbox, commands);
        OfTheDisk(disk, samples);
        meter.CreateObservableGauge("inspection.ready", () => Parts(readiness.Look()), "1", "1 where the part is well, as /readyz says it");
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        BeginWithZero();
        statistics.OnCommitted = Committed;
        statistics.OnPublished = since => publish.Record(since.TotalSeconds);
        journal.Synced = (stream, took) => sync.Record(took.TotalSeconds, new KeyValuePair<string, object?>("stream", stream));
        desk.Labelled += Labelled;
        live.Changed += Swapped;
        training.Ended += Trained;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        statistics.OnCommitted = null;
        statistics.OnPublished = null;
        journal.Synced = null;
        desk.Labelled -= Labelled;
        live.Changed -= Swapped;
        training.Ended -= Trained;
        return Task.CompletedTask;
    }

    // What has not happened yet is known to be none, and its first time is an increase.
    private void BeginWithZero()
    {
        foreach (var kind in VerdictWords.All) verdicts.Add(0, new KeyValuePair<string, object?>("verdict", kind));
        foreach (var outcome in (string[])["promoted", "refused", "failed"]) trainings.Add(0, new KeyValuePair<string, object?>("outcome", outcome));
        faults.Add(0, new KeyValuePair<string, object?>("error.type", Reasons.Deadline));
        labels.Add(0);
        swaps.Add(0);
    }

    private void OfTheLine(InspectionQueue queue, OpenTriggers triggers, SampleWriter samples)
    {
        meter.CreateObservableUpDownCounter<long>("inspection.queue.length", () => [Of(queue.Count, "queue", "judgement"), Of(triggers.Count, "queue", "triggers"), Of(samples.Waiting, "queue", "samples")], "{item}", "What waits: pictures for judgement, triggers for their verdict, samples for the disk");
        meter.CreateObservableCounter("inspection.late", () => statistics.Figures.Late, "{result}", "Results that came after their trigger's FAULT");
    }

    private void OfCameras(CameraFleet cameras)
    {
        Count("inspection.camera.grabbed", "{picture}", "Pictures taken for an inspection", c => c.Grabbed);
        Count("inspection.camera.dropped", "{picture}", "Pictures of free run that judgement was too slow for", c => c.Dropped);
        Count("inspection.camera.repeated", "{picture}", "Pictures that were the one before, bit for bit", c => c.Repeated);
        Count("inspection.camera.faults", "{trigger}", "Triggers that got no picture", c => c.Faults);
        Count("inspection.camera.reopenings", "{opening}", "How often the source was opened again", c => c.Restarts);

        void Count(string name, string unit, string description, Func<CameraState, long> value) =>
            meter.CreateObservableCounter(name, () => cameras.States.Select(c => Of(value(c), "camera", c.Name)), unit, description);
    }

    private void OfDelivery(OutboxState outbox, MqttTriggers commands)
    {
        meter.CreateObservableUpDownCounter("inspection.outbox.backlog", () => outbox.Backlog, "{verdict}", "Verdicts that the broker has not acknowledged");
        meter.CreateObservableCounter("inspection.outbox.sent", () => outbox.Sent, "{verdict}", "Verdicts handed to the broker's socket, repetitions included");
        meter.CreateObservableUpDownCounter("inspection.outbox.undelivered", () => outbox.Undelivered, "{verdict}", "Verdicts given up since the journal began");
        meter.CreateObservableCounter("inspection.broker.connections", () => outbox.Connections, "{connection}", "Connections made to the broker");
        meter.CreateObservableGauge("inspection.broker.loop.duration", () => outbox.Loop.RoundTripMs is { } ms ? [new Measurement<double>(ms / 1000)] : (IEnumerable<Measurement<double>>)[], "s", "The last way through the broker and back");
        meter.CreateObservableCounter("inspection.commands.refused", () => commands.Refused, "{command}", "Triggers and commands by MQTT that were refused");
    }

    private void OfTheDisk(DiskSpace disk, SampleWriter samples)
    {
        meter.CreateObservableGauge("inspection.disk.free", () => disk.FreeBytes, "By", "Free on the disk of the state directory");
        meter.CreateObservableUpDownCounter("inspection.journal.reserve", () => journal.Reserve.LeftBytes, "By", "Room that the journal holds for a full disk");
        meter.CreateObservableCounter("inspection.journal.unrecorded", () => journal.Unrecorded.Total, "{picture}", "Pictures of free run without a verdict, because nothing could be recorded");
        meter.CreateObservableCounter("inspection.samples.kept", () => samples.Kept, "{sample}", "Samples stored");
        meter.CreateObservableCounter<long>(
            "inspection.samples.skipped",
            () => [Of(samples.Unkept, "reason", "disk"), Of(samples.NearCopies, "reason", "near-copy"), Of(samples.BeyondLimit, "reason", "limit")],
            "{sample}",
            "Samples that were not kept: the disk was too slow or too full, one of the same part is as good as a copy, or Sampling:MaxPerMinute was reached");
    }

    private void Committed(Verdict verdict, string? reason, TimeSpan sinceGrab)
    {
        verdicts.Add(1, new KeyValuePair<string, object?>("verdict", verdict.Word()));
        if (verdict == Verdict.Fault) faults.Add(1, new KeyValuePair<string, object?>("error.type", reason));
        commit.Record(sinceGrab.TotalSeconds);
    }

    private void Labelled() => labels.Add(1);

    private void Swapped() => swaps.Add(1);

    private void Trained(string outcome) => trainings.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private static Measurement<long> Of(long value, string tag, string name) => new(value, new KeyValuePair<string, object?>(tag, name));

    private static IEnumerable<Measurement<int>> Parts(ReadinessView view) =>
        [Part(view.Camera, "camera"), Part(view.Pipeline, "pipeline"), Part(view.Broker, "broker"), Part(view.Disk, "disk"), Part(view.Model, "model"), Part(view.Index, "index")];

    private static Measurement<int> Part(PartHealth part, string name) => new(part.Ok ? 1 : 0, new KeyValuePair<string, object?>("part", name));
}
