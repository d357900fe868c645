using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Samples;
using Appliance.Tests.Hosting;
using Inference.Packages;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Tests.Samples;

/// <summary>What a pass says of what it does.</summary>
public sealed class RetentionWorkerTests : IAsyncDisposable
{
    private readonly StationBench bench = new();
    private readonly RetentionOptions options = new();
    private readonly JumpingTime time = new(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => Until.Cancellation;

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Pass_AfterTheClockJumpedAYear_GivesUpNothingAndSaysWhy()
    {
        options.MaxAge = TimeSpan.FromDays(90);
        for (var i = 1; i <= 3; i++) await KeepAsync(i);
        using var worker = Worker();
        await worker.PassAsync(Cancellation);
        time.Jump = TimeSpan.FromDays(365);
        // One that is kept under the wrong clock does not make the others old either.
        await KeepAsync(4);
        await worker.PassAsync(Cancellation);
        Assert.Equal((4, 0L), (bench.Index.Size().Samples, worker.View.Samples));
        Assert.Contains("365 days more than have passed here", worker.View.Clock, StringComparison.Ordinal);
        Assert.Null(worker.View.Trouble);
    }

    [Fact]
    public async Task Pass_GivingUpLabelledPartsThatTheLiveModelHasNotLearntFrom_SaysHowMany()
    {
        var model = bench.AddModel(1, [new OutOfFoldPrediction("1-1", "p1", "ok", [0.9f, 0.1f], 1)]);
        Assert.Null(await bench.Live.PromoteAsync(model, "anna", "first", Cancellation));
        for (var i = 1; i <= 4; i++)
        {
            await KeepAsync(i);
            if (i < 4) await bench.Labels.LabelAsync($"1-{i}", "ok", "anna", Cancellation);
        }

        (options.MaxSamples, options.GiveUpLabelled) = (1, true);
        using var worker = Worker();
        await Until.HoldsAsync(() => worker.View.LastPass is not null, () => PassAsync(worker));
        Assert.Equal((1, 3L, 1L), (bench.Index.Size().Samples, worker.View.Samples, worker.View.UnseenParts));
    }

    // Between two steps it rests, by the clock.
    private async Task PassAsync(RetentionWorker worker)
    {
        var pass = worker.PassAsync(Cancellation);
        await Until.HoldsAsync(() => pass.IsCompleted, () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.Delay(1, Cancellation);
        });
        await pass;
    }

    private RetentionWorker Worker()
    {
        var (epochs, gaps) = (new EpochHistory(bench.Journal), new Gaps(bench.Journal));
        var clock = new RetentionClock(bench.Files, Path.Combine(bench.Options.StateDirectory, RetentionClock.FileName), time, NullLogger<RetentionClock>.Instance);
        return new(
            options, new RetentionPlan(options, bench.Index, _ => false), clock, bench.Samples, bench.Live, new VerdictRetention(bench.Journal, bench.Files, time),
            new OutboxState(bench.Journal, new AckTrail(null, TimeSpan.Zero, 1, time), epochs, gaps), time, NullLogger<RetentionWorker>.Instance);
    }

    private Task KeepAsync(int number) => bench.KeepPictureAsync(new(1, (ulong)number), [(byte)number], $"p{number}", "verdict", time.GetUtcNow());
}
