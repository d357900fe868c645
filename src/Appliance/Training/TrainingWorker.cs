using System.Threading.Channels;
using Appliance.Hosting;
using Appliance.Samples;
using Inference.Embeddings;
using Microsoft.Extensions.Hosting;

namespace Appliance.Training;

/// <summary>Runs one round at a time: on request, after so many new labels, and by schedule.</summary>
internal sealed class TrainingWorker : BackgroundService
{
    private readonly TrainingOptions options;
    private readonly TrainingRound round;
    private readonly LabelDesk labels;

    // Runs from the start of the service, not from whenever its loop gets a thread. Null for never.
    private readonly PeriodicTimer? schedule;

    // One may wait behind the one that runs: it will see all labels that came until then.
    private readonly Channel<string> requests = Channel.CreateBounded<string>(1);

    // Labels since the snapshot of the last round, relabels too.
    private int fresh;

    public TrainingWorker(ApplianceOptions options, TrainingRound round, SampleIndex index, LabelDesk labels, EmbeddingSpec spec, TimeProvider time)
    {
        (this.options, this.round, this.labels) = (options.Training, round, labels);
        schedule = options.Training.Every == TimeSpan.Zero ? null : new PeriodicTimer(options.Training.Every, time);
        // A round with another backbone says nothing of the labels that this one can train on.
        var last = index.Trainings(int.MaxValue).FirstOrDefault(round => round.Embedding is null || round.Embedding == spec.Identity);
        fresh = Math.Max(0, index.CountLabelled(spec.Identity) - (last?.Labels ?? 0));
        labels.Labelled += AfterLabel;
        // Asked for before this start, and not begun.
        if (index.Undone(1) is [var undone] && (last is null || undone.At > last.At)) Request($"labels undone by {undone.By}");
    }

    /// <summary>Asks for a round. False when one waits already.</summary>
    public bool Request(string by) => requests.Writer.TryWrite(by);

    public override void Dispose()
    {
        labels.Labelled -= AfterLabel;
        schedule?.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        round.Prepare();
        RequestAfterLabels();
        return Task.WhenAll(RoundsAsync(stoppingToken), ScheduleAsync(stoppingToken));
    }

    private async Task RoundsAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var by in requests.Reader.ReadAllAsync(cancellation))
            {
                Interlocked.Exchange(ref fresh, 0);
                await round.RunAsync(by, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The service stops; the trainer has been ended. Without a fact of it, its labels count as new at the next start.
        }
    }

    private async Task ScheduleAsync(CancellationToken cancellation)
    {
        if (schedule is null) return;
        try
        {
            while (await schedule.WaitForNextTickAsync(cancellation))
                if (Volatile.Read(ref fresh) > 0) Request("schedule");
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    private void AfterLabel()
    {
        Interlocked.Increment(ref fresh);
        RequestAfterLabels();
    }

    private void RequestAfterLabels()
    {
        if (options.AfterLabels > 0 && Volatile.Read(ref fresh) >= options.AfterLabels) Request("labels");
    }
}
