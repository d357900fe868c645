using System.Threading.Channels;
using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Samples;
using Inference.Embeddings;
using Microsoft.Extensions.Hosting;

namespace Appliance.Training;

/// <summary>Runs one round at a time: on request, after so many new labels, and by schedule.</summary>
internal sealed class TrainingWorker : BackgroundService
{
    private readonly TrainingOptions options;
    private readonly TrainingRound round;
    private readonly SampleIndex index;
    private readonly LabelDesk labels;
    private readonly string identity;

    // Runs from the start of the service, not from whenever its loop gets a thread. Null for never.
    private readonly PeriodicTimer? schedule;

    // One may wait behind the one that runs: it will see all labels that came until then.
    private readonly Channel<string> requests = Channel.CreateBounded<string>(1);

    // Labels since the snapshot of the last round, relabels too.
    private int fresh;

    public TrainingWorker(ApplianceOptions options, TrainingRound round, SampleIndex index, LabelDesk labels, EmbeddingSpec spec, TimeProvider time)
    {
        (this.options, this.round, this.index, this.labels, identity) = (options.Training, round, index, labels, spec.Identity);
        schedule = options.Training.Every == TimeSpan.Zero ? null : new PeriodicTimer(options.Training.Every, time);
        labels.Labelled += AfterLabel;
    }

    /// <summary>Asks for a round. False when one waits already.</summary>
    public bool Request(string by) => requests.Writer.TryWrite(by);

    public override void Dispose()
    {
        labels.Labelled -= AfterLabel;
        schedule?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        round.Prepare();
        try
        {
            await LookBackAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }

        await Task.WhenAll(RoundsAsync(stoppingToken), ScheduleAsync(stoppingToken));
    }

    // What the last life left to do. The index may have to be made first; it may fail again meanwhile.
    private async Task LookBackAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await index.Ready.WaitAsync(cancellation);
            try
            {
                // A round with another backbone says nothing of the labels that this one can train on.
                var last = index.History<TrainingFinished>(int.MaxValue).Cast<Placed<TrainingFinished>?>().FirstOrDefault(round => round!.Value.Fact.Embedding is null || round.Value.Fact.Embedding == identity);
                // Those that come while it counts are in it as well: at worst a round is asked for one label early.
                Interlocked.Add(ref fresh, Math.Max(0, index.CountLabelled(identity) - (last?.Fact.Labels ?? 0)));
                // Undone after the last round had read its labels.
                if (index.History<LabelsUndone>(1) is [var undone] && (last is not { } known || undone.Place >= (known.Fact.Snapshot ?? known.Place))) Request($"labels undone by {undone.Fact.By}");
                RequestAfterLabels();
                return;
            }
            catch (IndexUnavailableException)
            {
                // Said by its keeper.
            }
        }
    }

    private async Task RoundsAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var by in requests.Reader.ReadAllAsync(cancellation))
            {
                await index.Ready.WaitAsync(cancellation);
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
