using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Appliance.Disk;
using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Models;
using Appliance.Policies;
using Appliance.Samples;
using Inference;
using Inference.Embeddings;
using Inference.Files;
using Inference.Jobs;
using Inference.Packages;
using Inference.Runtime;
using Microsoft.Extensions.Logging;

namespace Appliance.Training;

/// <summary>One round: snapshot, trainer, package, gate, promotion. Ends as one fact in the journal, whatever happens.</summary>
internal sealed class TrainingRound(
    ApplianceOptions options, EmbeddingSpec spec, SampleIndex index, ModelStore store, LiveModel live,
    StationJournal journal, TrainingState state, DiskSpace disk, IFileSystem files, TimeProvider time, ILogger<TrainingRound> logger)
{
    private static readonly TimeSpan RecordAgain = TimeSpan.FromSeconds(1);
    private readonly JobDirectories directories = new(options.StateDirectory, logger);

    /// <summary>Removes what a killed process left.</summary>
    public void Prepare() => directories.RemoveLeftovers();

    /// <exception cref="OperationCanceledException">Cancelled before it had an outcome: no fact tells of it.</exception>
    public async Task RunAsync(string by, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        var name = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyyMMdd-HHmmss}-{journal.Epoch}-{state.View.Rounds + 1}");
        state.Begin(name);
        var labels = 0;
        var times = new RoundTimes(0, 0, new Dictionary<string, double>(), 0, 0, 0);
        string outcome, reason;
        string? model = null;
        try
        {
            var samples = index.TrainingRows(spec.Identity);
            labels = samples.Count(s => s.Label is not null);
            (outcome, reason, model, times) = disk.Shortage is { } shortage
                ? ("failed", shortage, null, times)
                : await TrainAsync(name, samples, start, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PackageException or NetworkException or JournalException or IndexUnavailableException)
        {
            (outcome, reason) = ("failed", e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever a round meets, the line goes on with the model that it has.
            logger.RoundFailed(e, name);
            (outcome, reason) = ("failed", $"{e.GetType().Name}: {e.Message}");
        }

        // A signal that stops the service may reach the trainer first.
        if (outcome == "failed") cancellation.ThrowIfCancellationRequested();
        var fact = new TrainingFinished(name, outcome, model, reason, labels, by, spec.Identity) { At = time.GetUtcNow() };
        await RecordAsync(fact, cancellation);
        index.Apply(fact);
        state.End(fact, times with { TotalMs = Ms(start) });
        logger.Finished(name, outcome, reason, Ms(start));
    }

    private async Task<(string Outcome, string Reason, string? Model, RoundTimes Times)> TrainAsync(
        string name, IReadOnlyList<TrainingSample> samples, long start, CancellationToken cancellation)
    {
        var directory = directories.Of(name);
        var package = Path.Combine(directory, "package");
        files.CreateDirectory(directory);
        try
        {
            var job = new TrainingJob
            {
                JobId = name,
                Embedding = spec,
                EmbeddingFile = SampleFiles.EmbeddingFile(options.StateDirectory, spec.Identity),
                BackboneFile = store.BackbonePath(spec.Backbone),
                Samples = samples,
                GoodClass = options.GoodClass,
                Parent = live.Current?.Model,
                OutputDirectory = package,
                CreatedBy = "appliance " + options.Station,
            };
            var jobFile = Path.Combine(directory, "job.json");
            WholeFile.Write(files, jobFile, JsonSerializer.SerializeToUtf8Bytes(job, InferenceJson.Default.TrainingJob));
            var prepared = Ms(start);

            var begun = Stopwatch.GetTimestamp();
            var trainer = new TrainerProcess(options.Training.Program, options.Training.TimeLimit, logger);
            var ended = await trainer.RunAsync(jobFile, p => state.Progress(p.Phase, p.Fraction), cancellation);
            var times = new RoundTimes(prepared, Ms(begun), (ended as TrainingDone)?.PhaseMs ?? new Dictionary<string, double>(), 0, 0, 0);
            return ended is TrainingDone
                ? await JudgeAsync(job, store.Import(package), times, cancellation)
                : ("failed", ((TrainingFailed)ended).Reason, null, times);
        }
        finally
        {
            directories.Remove(directory);
        }
    }

    private async Task<(string Outcome, string Reason, string? Model, RoundTimes Times)> JudgeAsync(
        TrainingJob job, string model, RoundTimes times, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        state.Progress("gate", 0.95);
        if (model == live.Current?.Model) return ("refused", "the labels give the model that is live already", model, times);
        var current = live.Package();
        ModelPackage candidate;
        GateVerdict gate;
        using (var embeddings = new EmbeddingFileReader(job.EmbeddingFile, job.Embedding))
        {
            (candidate, var unkept) = StandingObjective.Keep(current, store.Read(model), job.Samples, embeddings);
            gate = unkept is null ? Gate.Judge(GateEvidence.Gather(job.Samples, embeddings, candidate, current), current is not null) : new(false, unkept);
        }

        times = times with { GateMs = Ms(start) };
        if (!gate.Passes) return ("refused", gate.Reason, model, times);
        var swapping = Stopwatch.GetTimestamp();
        var refusal = await live.PromoteAsync(model, candidate.Policy.Objective is null ? null : candidate.Policy, "training " + job.JobId, gate.Reason, cancellation);
        times = times with { SwapMs = Ms(swapping) };
        return refusal is null ? ("promoted", gate.Reason, model, times) : ("failed", refusal, model, times);
    }

    // While the journal takes nothing, the next round has to wait anyway.
    private async Task RecordAsync(TrainingFinished fact, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await journal.AppendDurableAsync(fact, CancellationToken.None);
                return;
            }
            catch (JournalException)
            {
                await Task.Delay(RecordAgain, time, cancellation);
            }
        }
    }

    private static double Ms(long since) => Stopwatch.GetElapsedTime(since).TotalMilliseconds;
}
