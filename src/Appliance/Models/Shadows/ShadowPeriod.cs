using Appliance.Hosting;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Models.MustCatch;
using Appliance.Samples;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Files;
using Inference.Packages;
using Inference.Slots;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Appliance.Models.Shadows;

/// <summary>
/// A candidate judges what the live model judges, on the same embedding, after the verdict is on its way: it has no say, and what it says is counted. One at a time. Begin
/// and end are facts; its figures a file. Whatever goes wrong with it ends the period, with the reason, and nothing else.
/// </summary>
internal sealed class ShadowPeriod(
    ApplianceOptions options, LiveModel live, ModelStore store, StationJournal journal, SampleIndex index, MustCatchGuard mustCatch, ModelSlot slot, IFileSystem files, TimeProvider time,
    ILogger<ShadowPeriod> logger) : IDisposable
{
    private readonly ShadowRecord record = new(files, options.StateDirectory, logger);
    private readonly ShadowFacts facts = new(journal, index, time);
    private readonly SemaphoreSlim turn = new(1);
    private readonly SemaphoreSlim due = new(0);
    private volatile ShadowRun? run;

    /// <summary>Raised when one begins or ends.</summary>
    public event Action? Changed;

    /// <summary>The period that runs; null while none does.</summary>
    public ShadowView? Now => run?.View;

    public ShadowPage Page => new(Now, index.ShadowsEnded(20));

    /// <summary>Judges once more what was judged, and counts. Called by the judging thread after the verdict is committed; costs one run of a head, and nothing while no period runs.</summary>
    /// <param name="embedding">[D] of the same inspection.</param>
    public void Look(VerdictMessage verdict, ReadOnlySpan<float> embedding)
    {
        if (run is not { Failure: null } now || verdict.Model != now.Begun.Against || verdict.Policy != now.Begun.AgainstPolicy) return;
        using var lease = slot.Lease();
        if (!lease.Held) return;
        try
        {
            var output = lease.Model.Head.Run(embedding);
            var decision = lease.Model.Decider.Decide(output.Probabilities, output.Distance);
            if (decision.Verdict == Verdict.Fault) now.Failure = $"its head gave no answer to {verdict.Epoch}-{verdict.Sequence}: {decision.Reason}";
            else if (now.Tally.Add(verdict, decision)) due.Release();
        }
        catch (OnnxRuntimeException e)
        {
            now.Failure = $"its head failed at {verdict.Epoch}-{verdict.Sequence}: {e.Message}";
        }

        if (now.Failure is not null) due.Release();
    }

    /// <summary>Goes on with the period that ran when the service stopped. After the live model is restored.</summary>
    public async Task RestoreAsync(CancellationToken cancellation)
    {
        live.Changed += Wake;
        if (journal.Models.Shadow is not { } begun) return;
        await turn.WaitAsync(cancellation);
        try
        {
            var (package, refusal) = Read(begun);
            if (package is null || live.Current is not { } against)
            {
                await EndAsync(begun, record.Read(begun) ?? ShadowFigures.None, "failed", refusal ?? "no model is live any more", "appliance");
                return;
            }

            run = new(begun, package, (against.Model, against.Policy) == (begun.Against, begun.AgainstPolicy) ? against : against with { Model = begun.Against, Policy = begun.AgainstPolicy }, new(begun.Inspections, record.Read(begun)));
            due.Release();
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // It has no say, so the station starts without it; the next start finds it again.
            logger.NotEnded(begun.Model, e.Message);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Begins a period. On disk before it returns.</summary>
    /// <param name="candidate">With the policy that it would go live with.</param>
    /// <param name="against">What is live, and was when it was chosen.</param>
    /// <exception cref="JournalException">It cannot be recorded.</exception>
    public async Task<DeskAnswer<ShadowView>> BeginAsync(ModelPackage candidate, ModelPromoted against, ShadowTerms terms, string by, string why, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            if (run is { } other) return (DeskRefusal.Conflict, $"Model {other.Begun.Model} is in its shadow period since {other.Begun.At:u}. Wait for its end, or dismiss it with 'appliance models dismiss'.");
            if ((against.Model, against.Policy) == (candidate.ModelId, candidate.PolicyId)) return (DeskRefusal.Conflict, $"Model {candidate.ModelId} is live already.");
            var (loaded, miss) = await QuietThread.RunAsync(() => mustCatch.Load(slot, candidate));
            if (loaded.Model is not { } model) return (DeskRefusal.Conflict, loaded.Reason!);
            if (miss is not null)
            {
                model.Dispose();
                return (DeskRefusal.Conflict, $"Model {candidate.ModelId[..12]} is refused: {miss.Reason}.");
            }

            ShadowBegun begun;
            try
            {
                begun = await facts.BeginAsync(candidate, against, terms, by, why);
            }
            catch
            {
                model.Dispose();
                throw;
            }

            slot.Publish(model);
            run = new(begun, candidate, against, new(terms.Inspections));
            logger.Begun(begun.Model, by, why);
            Changed?.Invoke();
            return run.View;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Ends the period by a person's word. On disk before it returns.</summary>
    /// <exception cref="JournalException">It cannot be recorded.</exception>
    public async Task<DeskAnswer<ShadowEnded>> DismissAsync(string by, string why, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            return run is { } now ? await EndAsync(now, "dismissed", why, by) : (DeskRefusal.Conflict, "No model is in its shadow period.");
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Waits until there may be something to do, or for so long.</summary>
    public Task<bool> WaitAsync(TimeSpan longest, CancellationToken cancellation) => due.WaitAsync(longest, cancellation);

    /// <summary>Ends the period where it is over, overtaken or failed; keeps its figures otherwise.</summary>
    public async Task StepAsync(CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            if (run is not { } now) return;
            if (now.Failure is { } failure) await EndAsync(now, "failed", failure, "appliance");
            else if (!now.Is(live.Current)) await EndOvertakenAsync(now);
            else if (now.IsOver(time.GetUtcNow())) await ConcludeAsync(now, cancellation);
            else record.Save(now.Begun, now.Tally.Figures);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            logger.NotEnded(run?.Begun.Model ?? "", e.Message);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Keeps the figures at a stop.</summary>
    public void Save()
    {
        if (run is { } now) record.Save(now.Begun, now.Tally.Figures);
    }

    public void Dispose()
    {
        live.Changed -= Wake;
        slot.Dispose();
        turn.Dispose();
        due.Dispose();
    }

    // What passes, or what a repair mends: none of it may end the station.
    private static bool IsOfTheDisk(Exception e) => e is JournalException or IndexUnavailableException or EmbeddingFileException or IOException or UnauthorizedAccessException;

    private void Wake() => due.Release();

    private Task<ShadowEnded> EndOvertakenAsync(ShadowRun now) => live.Current is { } by && by.Model == now.Begun.Model
        ? EndAsync(now, "promoted", by.Why, by.By)
        : EndAsync(now, "overtaken", live.Current is { } other ? $"{other.By} made model {other.Model[..12]} with policy {other.Policy[..12]} live: {other.Why}" : "no model is live any more", "appliance");

    // The live model has the say until the last moment: what is promoted is promoted against it.
    private async Task ConcludeAsync(ShadowRun now, CancellationToken cancellation)
    {
        var said = now.Tally.Figures.Say();
        if (now.RefusePromotion(options.Training) is { } reason)
        {
            await EndAsync(now, "over", reason, "appliance");
            return;
        }

        var answer = await live.PromoteAsync(new(now.Package, now.Against, now.Begun.By, $"{now.Begun.Why}; after its shadow period: {said}"), cancellation);
        if (answer.Outcome == PromotionOutcome.Promoted) await EndAsync(now, "promoted", said, now.Begun.By);
        else await EndAsync(now, "over", $"{said}. It did not go live: {answer.Refusal}", "appliance");
    }

    private async Task<ShadowEnded> EndAsync(ShadowRun now, string outcome, string reason, string by)
    {
        var ended = await EndAsync(now.Begun, now.Tally.Figures, outcome, reason, by);
        run = null;
        slot.Clear();
        Changed?.Invoke();
        return ended;
    }

    private async Task<ShadowEnded> EndAsync(ShadowBegun begun, ShadowFigures figures, string outcome, string reason, string by)
    {
        var ended = await facts.EndAsync(begun, figures, outcome, reason, by);
        record.Remove();
        logger.Ended(begun.Model, outcome, reason);
        return ended;
    }

    private (ModelPackage? Package, string? Refusal) Read(ShadowBegun begun)
    {
        try
        {
            var package = store.Read(begun.Model, begun.Content);
            var loaded = slot.Load(package);
            if (loaded.Model is not { } model) return (null, loaded.Reason);
            slot.Publish(model);
            return (package, null);
        }
        catch (PackageException e)
        {
            return (null, e.Message);
        }
    }
}
