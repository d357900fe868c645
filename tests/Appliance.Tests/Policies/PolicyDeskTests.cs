using Appliance.Models;
using Appliance.Policies;
using Appliance.Tests.Hosting;
using Inference.Decisions;
using Inference.Embeddings;
using static Appliance.Tests.Hosting.TestModel;

namespace Appliance.Tests.Policies;

public sealed class PolicyDeskTests : IAsyncLifetime
{
    private readonly StationBench bench = new();

    private static CancellationToken Cancellation => Until.Cancellation;

    private PolicyDesk Desk => field ??= new(bench.Live, bench.Evidence, bench.Index, TimeProvider.System);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Desk.Dispose();
        return bench.DisposeAsync();
    }

    [Fact]
    public async Task Change_APolicy_IsLiveDurableAndGoneBackFrom()
    {
        var model = bench.AddModel();
        await bench.Live.PromoteAsync(model, "anna", "first", Cancellation);
        var first = bench.Live.Current!.Policy;
        var strict = Policy(0.9);
        Assert.Equal(PolicyFile.Id(strict), (await Desk.ChangeAsync(strict, false, "bert", "an escape", Cancellation)).Value!.PolicyId);
        Assert.Equal((model, PolicyFile.Id(strict), "bert", "policy: an escape"), (bench.Live.Current!.Model, bench.Live.Current.Policy, bench.Live.Current.By, bench.Live.Current.Why));
        using (var lease = bench.Slot.Lease()) Assert.Equal(PolicyFile.Id(strict), lease.Model.PolicyId);
        Assert.Contains("live already", (await Desk.ChangeAsync(strict, false, "bert", "again", Cancellation)).Why, StringComparison.Ordinal);

        await bench.RestartAsync();
        await bench.Live.RestoreAsync(Cancellation);
        using (var lease = bench.Slot.Lease()) Assert.Equal(PolicyFile.Id(strict), lease.Model.PolicyId);
        using (var desk = new PolicyDesk(bench.Live, bench.Evidence, bench.Index, TimeProvider.System)) Assert.Equal(0.9, desk.Live().Value!.Policy.Thresholds["ok"]);

        Assert.Null((await bench.Models.RollbackAsync(false, "anna", "overkill", Cancellation)).Why);
        Assert.Equal((model, first), (bench.Live.Current!.Model, bench.Live.Current.Policy));
    }

    [Fact]
    public async Task Change_AWrongPolicy_IsRefusedWithTheReason()
    {
        await bench.KeepAsync(1, "bad", Colour(0, 1, 0));
        await bench.Labels.LabelAsync("1-1", "scratch", "anna", Cancellation);
        Assert.Contains("no live model", (await Desk.ChangeAsync(Policy(0.9), false, "anna", "x", Cancellation)).Why, StringComparison.Ordinal);
        // The only bad part is, by the fold that had not seen it, good with 0.8.
        await bench.Live.PromoteAsync(bench.AddModel(1, [Unseen("1-1", "bad", "scratch", 0.8f)]), "anna", "first", Cancellation);
        var live = bench.Live.Current!.Policy;
        Assert.Contains("'scratch' has no threshold", (await Desk.ChangeAsync(new() { Thresholds = new Dictionary<string, double> { ["ok"] = 0.9 }, UnseenLimit = 2 }, false, "anna", "x", Cancellation)).Why, StringComparison.Ordinal);
        Assert.Contains("would pass all 1 labelled bad parts", (await Desk.ChangeAsync(Policy(0.7), false, "anna", "x", Cancellation)).Why, StringComparison.Ordinal);
        Assert.Equal(live, bench.Live.Current!.Policy);
    }

    [Fact]
    public async Task Try_AStricterPolicy_NamesTheVerdictsThatChange()
    {
        // Red is ok, green is scratch; the second is ok by a little only.
        await bench.KeepAsync(1, "a", Colour(1, 0, 0));
        await bench.KeepAsync(2, "b", Colour(0.6f, 0.1f, 0));
        await bench.KeepAsync(3, "c", Colour(0, 1, 0));
        await bench.Live.PromoteAsync(bench.AddModel(1), "anna", "first", Cancellation);
        var before = bench.Live.Standing!.Package;
        var (least, most) = (Probability(Colour(0.6f, 0.1f, 0)), Probability(Colour(1, 0, 0)));
        var result = (await Desk.TryAsync(before.Policy with { Thresholds = Classes.ToDictionary(c => c, _ => (least + most) / 2.0) }, null, 10, Cancellation)).Value;
        Assert.Equal((3L, 0L), (result!.Judged, result.Damaged));
        Assert.Equal(("OK to UNSURE", 1L), (Assert.Single(result.Changed).Key, result.Changed["OK to UNSURE"]));
        Assert.Equal(("1-2", "b", Verdict.Ok, Verdict.Unsure), (result.Newest[0].Sample, result.Newest[0].Part, result.Newest[0].Now, result.Newest[0].Then));
        Assert.Equal(0, (await Desk.TryAsync(before.Policy, DateTimeOffset.UnixEpoch.AddDays(1), 10, Cancellation)).Value!.Judged);
    }

    [Theory]
    [InlineData(9.5, 70)]
    [InlineData(8, 100)]
    [InlineData(10.5, 30)]
    [InlineData(13, 0)]
    public async Task Try_SinceATimeUnderAClockThatWasSetBack_JudgesAllThatTheJournalHasAfterTheFirstOfThatTime(double hour, int judged)
    {
        // From 8 to 10, and then, the clock set back by an hour, from 9 to 12.
        for (var i = 0; i < 100; i++) await bench.KeepAsync(i + 1, $"p{i}", Colour(1, 0, 0), DateTimeOffset.UnixEpoch.AddHours(i < 40 ? 8 + i / 20.0 : 9 + (i - 40) / 20.0));
        await bench.Live.PromoteAsync(bench.AddModel(1), "anna", "first", Cancellation);
        Assert.Equal(judged, (await Desk.TryAsync(bench.Live.Standing!.Package.Policy, DateTimeOffset.UnixEpoch.AddHours(hour), 10, Cancellation)).Value!.Judged);
    }

    [Fact]
    public async Task Try_ManyRows_JudgesEachOnceAndPassesOverDamagedOnes()
    {
        const int rows = 1000;
        await bench.Live.PromoteAsync(bench.AddModel(1), "anna", "first", Cancellation);
        using (var writer = new EmbeddingFileWriter(bench.Files, bench.EmbeddingFile, bench.Backbone.Embedding))
        {
            for (var i = 0; i < rows; i++) writer.Append(1, (ulong)i + 1, i % 2 == 0 ? Colour(1, 0, 0) : Colour(0, 1, 0));
            // Imported pictures were never inspected.
            for (var i = 0; i < 300; i++) writer.Append(0, (ulong)i + 1, Colour(1, 0, 0));
            writer.Append(1, rows + 1, Colour(1, 0, 0));
            writer.Sync();
        }

        using (var file = new FileStream(bench.EmbeddingFile, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Seek(-3, SeekOrigin.End);
            file.WriteByte(0xAA);
        }

        var result = (await Desk.TryAsync(Policy(1), null, 5, Cancellation)).Value!;
        Assert.Equal(((long)rows, 1L), (result.Judged, result.Damaged));
        Assert.Equal(rows, result.Changed.Values.Sum());
    }

    [Fact]
    public async Task Try_WhileAnotherIsTried_IsAskedToComeAgain()
    {
        using var running = new StoppedClock();
        using var desk = new PolicyDesk(bench.Live, bench.Evidence, bench.Index, running);
        await bench.Live.PromoteAsync(bench.AddModel(1), "anna", "first", Cancellation);
        var first = Task.Run(() => desk.TryAsync(Policy(0.9), null, 10, Cancellation), Cancellation);
        await running.Asked.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.Equal(DeskRefusal.Busy, (await desk.TryAsync(Policy(0.9), null, 10, Cancellation)).Kind);
        running.GoOn();
        Assert.NotNull((await first).Value);
        Assert.NotNull((await desk.TryAsync(Policy(0.9), null, 10, Cancellation)).Value);
    }

    [Theory]
    [InlineData(20, 2, true)]
    [InlineData(21, 2, false)]
    public async Task Change_APolicyThatStopsAlmostNone_IsRefused(int bad, int stopped, bool taken)
    {
        var predictions = Enumerable.Range(1, bad).Select(i => Unseen($"1-{i}", $"p{i}", "scratch", i <= stopped ? 0.6f : 0.8f)).ToList();
        for (var i = 1; i <= bad; i++)
        {
            await bench.KeepAsync(i, $"p{i}", Colour(0, 1, 0));
            await bench.Labels.LabelAsync($"1-{i}", "scratch", "anna", Cancellation);
        }

        await bench.Live.PromoteAsync(bench.AddModel(1, predictions), "anna", "first", Cancellation);
        var answer = await Desk.ChangeAsync(Policy(0.7), false, "anna", "x", Cancellation);
        if (taken) Assert.Equal(new PartsUsed(0, bad, 0, 0), answer.Value!.Parts);
        else Assert.Contains($"it would pass {bad - stopped} of {bad} labelled bad parts as good; it must stop at least one of 10", answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_ThresholdsThatAreNotThoseOfTheObjective_IsRefused()
    {
        var predictions = Enumerable.Range(1, 120).Select(i => Unseen($"1-{i}", $"p{i}", i <= 100 ? "scratch" : "ok", i <= 100 ? 0.6f : 0.95f)).ToList();
        for (var i = 1; i <= 120; i++)
        {
            await bench.KeepAsync(i, $"p{i}", Colour(0, 1, 0));
            await bench.Labels.LabelAsync($"1-{i}", i <= 100 ? "scratch" : "ok", "anna", Cancellation);
        }

        await bench.Live.PromoteAsync(bench.AddModel(1, predictions), "anna", "first", Cancellation);
        var proposal = Desk.Propose(new(0.05, null)).Value!;
        var tightened = proposal.Policy! with { Thresholds = Classes.ToDictionary(c => c, _ => 0.9) };
        Assert.Contains("not those that its objective gives now: 'ok' 0.9 in place of 0.600", (await Desk.ChangeAsync(tightened, false, "anna", "x", Cancellation)).Why, StringComparison.Ordinal);
        Assert.NotNull((await Desk.ChangeAsync(proposal.Policy!, false, "anna", "x", Cancellation)).Value);
        Assert.NotNull((await Desk.ChangeAsync(tightened with { Objective = null }, false, "anna", "x", Cancellation)).Value);
        Assert.Equal(new PartsUsed(20, 100, 0, 0), Desk.Live().Value!.Parts);
    }

    private sealed class StoppedClock : TimeProvider, IDisposable
    {
        private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim goOn = new();

        public Task Asked => asked.Task;

        public void GoOn() => goOn.Set();

        public override long GetTimestamp()
        {
            asked.TrySetResult();
            Assert.True(goOn.Wait(TimeSpan.FromSeconds(30)));
            return base.GetTimestamp();
        }

        public void Dispose() => goOn.Dispose();
    }

    private float Probability(float[] embedding)
    {
        using var lease = bench.Slot.Lease();
        return lease.Model.Head.Run(embedding).Probabilities.ToArray().Max();
    }

    private static DecisionPolicy Policy(double threshold) => new() { Thresholds = Classes.ToDictionary(c => c, _ => threshold), UnsureBand = 0, UnseenLimit = 5 };
}
