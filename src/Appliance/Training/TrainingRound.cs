using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Appliance.Disk;
using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Models;
using Appliance.Models.Shadows;
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
    ApplianceOptions options, EmbeddingSpec spec, SampleIndex index, ModelStore store, LiveModel live, ShadowPeriod shadow,
    StationJournal journal, TrainingState state, DiskSpace disk, IFileSystem files, TimeProvider time, ILogger<TrainingRound> logger)
{
    /// <summary>How often a candidate is judged anew because the live model or its policy was changed meanwhile.</summary>
    private const int MostJudgements = 3;

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
        // Asked first, so that what comes meanwhile counts as not seen.
        var snapshot = index.Place.Sure;
        var times = new RoundTimes(0, 0, new Dictionary<string, double>(), 0, 0, 0);
        string outcome, reason;
        string? model = null;
        string? rare = null;
        try
        {
            var samples = await QuietThread.RunAsync(() => index.TrainingRows(spec.Identity));
            labels = samples.Count(s => s.Label is not null);
            (samples, rare) = RareClasses.LeaveOut(samples, options.GoodClass, options.Training.LeastParts);
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
        if (rare is not null) reason = $"{reason}; {rare}";
        var fact = new TrainingFinished(name, outcome, model, reason, labels, by, spec.Identity, snapshot) { At = time.GetUtcNow() };
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
        state.Progress("gate", 0.95);
        var candidate = store.Read(model);
        for (var judgement = 1; ; judgement++)
        {
            var start = Stopwatch.GetTimestamp();
            var standing = live.Standing;
            if (model == standing?.Promotion.Model) return ("refused", "the labels give the model that is live already", model, times);
            var (gate, kept) = await QuietThread.RunAsync(() => Judge(job, candidate, standing?.Package));
            times = times with { GateMs = times.GateMs + Ms(start) };
            if (!gate.Passes) return ("refused", gate.Reason, model, times);
            var swapping = Stopwatch.GetTimestamp();
            var reason = kept.Said is { } said ? $"{gate.Reason}; {said}" : gate.Reason;
            // The first model has nothing to judge beside.
            if (standing is not null && options.Training.Shadow() is { } terms)
            {
                var begun = await shadow.BeginAsync(kept.Model, standing.Promotion, terms, "training " + job.JobId, reason, cancellation);
                return begun.Value is null ? ("refused", begun.Why!, model, times) : ("shadow", reason, model, times);
            }

            var answer = await live.PromoteAsync(new(kept.Model, standing?.Promotion, "training " + job.JobId, reason), cancellation);
            times = times with { SwapMs = Ms(swapping) };
            if (answer.Outcome == PromotionOutcome.Overtaken && judgement < MostJudgements) continue;
            return answer.Outcome switch
            {
                PromotionOutcome.Promoted => ("promoted", reason, model, times),
                PromotionOutcome.Overtaken or PromotionOutcome.MissesMustCatch => ("refused", answer.Refusal!, model, times),
                _ => ("failed", answer.Refusal!, model, times),
            };
        }
    }

    private static (GateVerdict Gate, KeptPolicy Kept) Judge(TrainingJob job, ModelPackage candidate, ModelPackage? live)
    {
        using var embeddings = new EmbeddingFileReader(job.EmbeddingFile, job.Embedding);
        var kept = StandingPolicy.Keep(live, candidate, () => job.Samples, embeddings, headAnswers: false);
        return (kept.Unkept is { } unkept ? new(false, unkept) : Gate.Judge(GateEvidence.Gather(job.Samples, embeddings, kept.Model, live), live is not null), kept);
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
