using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Samples;

/// <summary>What retention has done since the start.</summary>
/// <param name="UnseenParts">Of the samples labelled parts that the live model had not learnt from: the gate has so many fewer to judge by.</param>
/// <param name="Exceeded">Why a limit is not kept; null when all are.</param>
/// <param name="Trouble">Why the last pass did not end; null when it did.</param>
/// <param name="Clock">Why ages count from another time than the clock's; null where they do not.</param>
internal sealed record RetentionView(long Samples, long UnseenParts, long Pictures, long VerdictSegments, DateTimeOffset? LastPass, string? Exceeded, string? Trouble, string? Clock);

/// <summary>
/// Keeps what is kept within its limits, in small steps behind the line's back, once a minute and at the start: there it goes on with what a kill has cut off. Each step is a fact
/// first; files follow.
/// </summary>
internal sealed partial class RetentionWorker(
    RetentionOptions options, RetentionPlan plan, RetentionClock clock, SampleStore store, LiveModel live, VerdictRetention verdicts, OutboxState outbox, TimeProvider time, ILogger<RetentionWorker> logger) : BackgroundService
{
    private const int StepSamples = 100;
    private const string Who = "retention";
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);
    private volatile RetentionView view = new(0, 0, 0, 0, null, null, null, null);

    public RetentionView View => view;

    /// <summary>Gives up what is beyond the limits, and deletes what is given up.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between two steps.</exception>
    public async Task PassAsync(CancellationToken cancellation)
    {
        var before = view;
        try
        {
            var now = clock.Now();
            view = view with { Clock = clock.Behind };
            // Verdicts first: they need no index, and an index that is made anew may need the room.
            while (options.HasLimit && await QuietThread.RunAsync(() => verdicts.DeleteOneAsync(now, options.VerdictAge, options.VerdictBytes, outbox.LastAcknowledged)).Unwrap())
            {
                view = view with { VerdictSegments = view.VerdictSegments + 1 };
                await Task.Delay(Rest, time, cancellation);
            }

            // Not the time to warn of an index that is being made.
            if (plan.Ready.IsCompleted)
            {
                await SamplesAsync(now, cancellation);
                view = view with { LastPass = time.GetUtcNow(), Exceeded = plan.Exceeded(), Trouble = null };
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JournalException or IndexUnavailableException)
        {
            // A fact that is durable is carried out by the next pass.
            if (view.Trouble is null) LogFailed(e.Message);
            view = view with { Trouble = e.Message };
        }

        if (view.Samples + view.Pictures + view.VerdictSegments is var done && done != before.Samples + before.Pictures + before.VerdictSegments)
            LogDone(view.Samples - before.Samples, view.Pictures - before.Pictures, view.VerdictSegments - before.VerdictSegments);
        if (view.UnseenParts != before.UnseenParts) LogUnseen(view.UnseenParts - before.UnseenParts);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var beat = new PeriodicTimer(Period, time);
        try
        {
            do await PassAsync(stoppingToken);
            while (await beat.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops; the next start goes on.
        }
    }

    private async Task SamplesAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        while (true)
        {
            var swept = await store.SweepAsync(StepSamples, cancellation);
            view = view with { Pictures = view.Pictures + swept.Pictures };
            if (swept.Files == 0)
            {
                var (samples, why) = await QuietThread.RunAsync(() => plan.Next(now, StepSamples));
                if (samples.Count == 0) return;
                var gone = await store.GiveUpAsync(samples, plan.MayGo, ids => new(ids, Who, why) { At = time.GetUtcNow() }, cancellation);
                view = view with { Samples = view.Samples + gone.Count, UnseenParts = view.UnseenParts + UnseenParts(gone) };
            }

            await Task.Delay(Rest, time, cancellation);
        }
    }

    private int UnseenParts(IReadOnlyList<SampleDocument> gone)
    {
        if (live.Standing is not { } standing || gone.All(s => s.Label is null)) return 0;
        var learnt = standing.Package.Manifest.OutOfFold.Select(p => p.Part).ToHashSet(StringComparer.Ordinal);
        return gone.Where(s => s.Label is not null).Select(s => s.Kept.Part ?? s.Id).Distinct(StringComparer.Ordinal).Count(part => !learnt.Contains(part));
    }

    [LoggerMessage(5020, LogLevel.Information, "Retention gave up {Samples} samples and deleted {Pictures} pictures and {Segments} segments of verdicts")]
    private partial void LogDone(long samples, long pictures, long segments);

    [LoggerMessage(5023, LogLevel.Warning, "Retention gave up {Parts} labelled parts that the live model had not learnt from: the gate has so many fewer to judge the next candidate by. Retention:GiveUpLabelled let them go.")]
    private partial void LogUnseen(long parts);

    [LoggerMessage(5021, LogLevel.Warning, "Retention could not go on, and tries again in a minute: {Reason}")]
    private partial void LogFailed(string reason);
}
