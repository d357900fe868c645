using Appliance.Journal;
using Appliance.Models;
using Appliance.Tests.Hosting;
using Appliance.Training;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using static Appliance.Tests.Hosting.TestModel;

namespace Appliance.Tests.Training;

public sealed class TrainingWorkerTests : IAsyncLifetime
{
    private const int Finished = 6000;
    private readonly StationBench bench = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));
    private readonly TrainingState state = new();
    private readonly LogEvents<TrainingRound> log = new();
    private TrainingWorker? worker;

    private static CancellationToken Cancellation => Until.Cancellation;

    public async ValueTask InitializeAsync()
    {
        bench.Store.AddBackbone(Fixture("backbone"));
        for (var i = 1; i <= 8; i++) await bench.KeepAsync(i, $"p{i}", i % 2 == 0 ? Colour(1, 0, 0) : Colour(0, 1, 0));
        Fails("not today");
    }

    public async ValueTask DisposeAsync()
    {
        if (worker is not null)
        {
            await worker.StopAsync(CancellationToken.None);
            worker.Dispose();
        }

        await bench.DisposeAsync();
    }

    [Fact]
    public async Task Request_AGoodCandidate_IsPromotedAndTheJobRemoved()
    {
        await LabelAsync(1, 8);
        Delivers(temperature: 1, ok: 0.9f);
        await StartAsync();
        Assert.True(worker!.Request("anna"));
        await log.SaidAsync(Finished);
        var fact = Assert.Single(bench.Journal.ReadFacts().OfType<TrainingFinished>());
        Assert.Equal(("promoted", "anna", 8), (fact.Outcome, fact.RequestedBy, fact.Labels));
        Assert.Equal(fact.Model, bench.Live.Current!.Model);
        Assert.Equal(fact.Model, bench.Slot.CurrentId);
        Assert.Equal(1.5, state.View.LastTimes!.TrainerPhasesMs["fit"]);
        Assert.Equal((1, null), (state.View.Rounds, state.View.Job));
        Assert.Empty(Directory.EnumerateDirectories(Jobs));
    }

    [Fact]
    public async Task Request_AWorseCandidate_IsRefusedWithItsReasonAndTheLiveModelStays()
    {
        await LabelAsync(1, 8);
        var live = bench.AddModel(5, [Unseen("9-1", "elsewhere", "ok", 0.9f), Unseen("9-2", "there", "scratch", 0.1f)]);
        Assert.Null(await bench.Live.PromoteAsync(live, "anna", "first", Cancellation));
        Delivers(temperature: 1, ok: 0.1f);
        await StartAsync();
        worker!.Request("anna");
        await log.SaidAsync(Finished);
        Assert.Equal("refused", state.View.Last!.Outcome);
        Assert.Contains("macro-F1 0.000 against 1.000", state.View.Last.Reason, StringComparison.Ordinal);
        Assert.Equal(live, bench.Slot.CurrentId);
        Assert.Contains(bench.Store.List().Models, m => m.ModelId == state.View.Last.Model);
    }

    [Fact]
    public async Task Request_TheSameLabelsAgain_DoNotPromoteTheLiveModelOverItself()
    {
        await LabelAsync(1, 8);
        Delivers(temperature: 1, ok: 0.9f);
        await StartAsync();
        worker!.Request("anna");
        await log.SaidAsync(Finished);
        worker.Request("anna");
        await log.SaidAsync(Finished, times: 2);
        Assert.Equal("refused", state.View.Last!.Outcome);
        Assert.Contains("live already", state.View.Last.Reason, StringComparison.Ordinal);
        Assert.Single(bench.Journal.ReadFacts().OfType<ModelPromoted>());
    }

    [Fact]
    public async Task Request_WithAShadowPeriodConfigured_TheCandidateJudgesBesideTheLiveModelFirst()
    {
        bench.Options.Training.ShadowInspections = 50;
        await LabelAsync(1, 8);
        // The first model has nothing to judge beside.
        Delivers(temperature: 1, ok: 0.8f);
        await StartAsync();
        worker!.Request("anna");
        await log.SaidAsync(Finished);
        var first = bench.Live.Current!.Model;
        Delivers(temperature: 2, ok: 0.9f);
        worker.Request("anna");
        await log.SaidAsync(Finished, times: 2);
        Assert.Equal("shadow", state.View.Last!.Outcome);
        Assert.Equal((first, state.View.Last.Model, 50L), (bench.Live.Current.Model, bench.Shadow.Now!.Begun.Model, bench.Shadow.Now.Begun.Inspections));
        Delivers(temperature: 3, ok: 0.95f);
        worker.Request("anna");
        await log.SaidAsync(Finished, times: 3);
        Assert.Equal("refused", state.View.Last!.Outcome);
        Assert.Contains("is in its shadow period since", state.View.Last.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_AGoodCandidateThatPassesAMustCatchSample_IsRefusedAndNamesIt()
    {
        await LabelAsync(1, 8);
        // Red, and labelled scratch: the shipped head passes it.
        await bench.KeepAsync(9, "escaped", Colour(1, 0, 0));
        await bench.Labels.LabelAsync("1-9", "scratch", "anna", Cancellation);
        Assert.Null((await bench.MustCatch.AddAsync("1-9", "anna", "came back", Cancellation)).Why);
        Delivers(temperature: 1, ok: 0.9f);
        await StartAsync();
        worker!.Request("anna");
        await log.SaidAsync(Finished);
        Assert.Equal("refused", state.View.Last!.Outcome);
        Assert.Contains("must-catch samples as good: 1-9 (scratch)", state.View.Last.Reason, StringComparison.Ordinal);
        Assert.Null(bench.Live.Current);
    }

    [Fact]
    public async Task Request_WhileAPersonChangesThePolicy_IsJudgedAnewAndUndoesNothing()
    {
        await LabelAsync(1, 8);
        var live = bench.AddModel(5, [.. Enumerable.Range(1, 8).Select(i => Unseen($"1-{i}", $"p{i}", i % 2 == 0 ? "ok" : "scratch", i % 2 == 0 ? 0.6f : 0.4f))]);
        Assert.Null(await bench.Live.PromoteAsync(live, "anna", "first", Cancellation));
        var standing = bench.Live.Standing!;
        var strict = standing.Package.Policy with { Thresholds = Classes.ToDictionary(c => c, _ => 0.55), UnsureBand = 0.05 };
        using var durable = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.Files.FailWhen = (operation, path) =>
        {
            if (operation != Testing.Files.FileOperation.Sync || !path.Contains("facts", StringComparison.Ordinal)) return false;
            entered.TrySetResult();
            Assert.True(durable.Wait(TimeSpan.FromSeconds(60)));
            return false;
        };
        // The person's change is on its way to the disk while the gate judges against what was live before it.
        var change = bench.Live.PromoteAsync(new(standing.Package.With(strict), standing.Promotion, "bert", "policy: strict"), Cancellation);
        await entered.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Delivers(temperature: 1, ok: 0.9f);
        await StartAsync();
        worker!.Request("anna");
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
        {
            while (state.View.Phase != "gate" && state.View.Rounds == 0)
            {
                limit.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        durable.Set();
        Assert.Equal(PromotionOutcome.Promoted, (await change).Outcome);
        await log.SaidAsync(Finished);
        Assert.Equal("promoted", state.View.Last!.Outcome);
        Assert.Contains("thresholds set by hand: ok 0.55, scratch 0.55", state.View.Last.Reason, StringComparison.Ordinal);
        Assert.Equal((state.View.Last.Model, Inference.Decisions.PolicyFile.Id(strict)), (bench.Live.Current!.Model, bench.Live.Current.Policy));
        Assert.Equal(["anna", "bert", "training"], bench.Journal.ReadFacts().OfType<ModelPromoted>().Select(p => p.By.Split(' ')[0]));
    }

    [Theory]
    [InlineData("exit 4", "code 4")]
    [InlineData("""echo '{"event":"done","package":"x","modelId":"x","metrics":{},"phaseMs":{}}'""", "package")]
    public async Task Request_ATrainerThatFails_IsAFactAndTheNextRoundRuns(string body, string reason)
    {
        await LabelAsync(1, 8);
        Script(body);
        await StartAsync();
        worker!.Request("anna");
        await log.SaidAsync(Finished);
        Assert.Equal("failed", state.View.Last!.Outcome);
        Assert.Contains(reason, state.View.Last.Reason, StringComparison.Ordinal);
        Delivers(temperature: 1, ok: 0.9f);
        worker.Request("anna");
        await log.SaidAsync(Finished, times: 2);
        Assert.Equal("promoted", state.View.Last.Outcome);
    }

    [Fact]
    public async Task Request_AFaultOfTheProgram_IsReportedAndTheServiceLives()
    {
        await LabelAsync(1, 8);
        Delivers(temperature: 1, ok: 0.9f);
        // No file of embeddings for the gate to read: nobody expects that.
        File.WriteAllText(bench.EmbeddingFile, "nothing of the kind");
        await StartAsync();
        worker!.Request("anna");
        await log.SaidAsync(Finished);
        Assert.Equal("failed", state.View.Last!.Outcome);
        Assert.Contains(bench.EmbeddingFile, state.View.Last.Reason, StringComparison.Ordinal);
        Assert.Single(log.At(LogLevel.Error));
        Assert.False(worker.ExecuteTask!.IsCompleted);
    }

    [Fact]
    public async Task Request_WhileOneRuns_OneWaitsBehindIt()
    {
        var gate = Blocks();
        await StartAsync();
        Assert.True(worker!.Request("first"));
        await gate.EnteredAsync();
        Assert.True(worker.Request("second"));
        Assert.False(worker.Request("third"));
        gate.Open();
        await gate.EnteredAsync();
        gate.Open();
        await log.SaidAsync(Finished, times: 2);
        Assert.Equal(["first", "second"], bench.Journal.ReadFacts().OfType<TrainingFinished>().Select(f => f.RequestedBy));
    }

    [Fact]
    public async Task Stop_DuringARound_EndsTheTrainerAndWritesNoFact()
    {
        var gate = Blocks();
        await StartAsync();
        worker!.Request("anna");
        await gate.EnteredAsync();
        await worker.StopAsync(Cancellation);
        Assert.Empty(bench.Journal.ReadFacts().OfType<TrainingFinished>());
        Assert.Empty(Directory.EnumerateDirectories(Jobs));
        Assert.False(worker.ExecuteTask!.IsFaulted);
    }

    [Fact]
    public async Task Start_JobsThatAKillLeft_AreRemoved()
    {
        Directory.CreateDirectory(Path.Combine(Jobs, "20260101-000000-1-1", "package"));
        await StartAsync();
        worker!.Request("anna");
        await log.SaidAsync(Finished);
        Assert.Empty(Directory.EnumerateDirectories(Jobs));
    }

    [Fact]
    public async Task Labelled_AfterSoManyNewLabels_TrainsOnceAndCountsAnew()
    {
        bench.Options.Training.AfterLabels = 3;
        await StartAsync();
        await LabelAsync(1, 2);
        Assert.Null(state.View.Job);
        await LabelAsync(3, 3);
        await log.SaidAsync(Finished);
        await LabelAsync(4, 5);
        // A correction is as good a reason as a new label.
        await bench.Labels.LabelAsync("1-5", "ok", "anna", Cancellation);
        await log.SaidAsync(Finished, times: 2);
        Assert.Equal([3, 5], bench.Journal.ReadFacts().OfType<TrainingFinished>().Select(f => f.Labels));
        Assert.All(bench.Journal.ReadFacts().OfType<TrainingFinished>(), f => Assert.Equal("labels", f.RequestedBy));
    }

    [Fact]
    public async Task Start_WithLabelsThatNoRoundHasSeen_CountsThem()
    {
        bench.Options.Training.AfterLabels = 3;
        await LabelAsync(1, 3);
        await bench.RestartAsync();
        await StartAsync();
        await log.SaidAsync(Finished);
        await worker!.StopAsync(Cancellation);
        worker.Dispose();
        await bench.RestartAsync();
        await StartAsync();
        await bench.Labels.LabelAsync("1-4", "ok", "anna", Cancellation);
        Assert.True(worker.Request("anna"));
        await log.SaidAsync(Finished, times: 2);
        Assert.Equal(["labels", "anna"], bench.Journal.ReadFacts().OfType<TrainingFinished>().Select(f => f.RequestedBy));
    }

    [Fact]
    public async Task Start_AfterARoundWithAnotherBackbone_CountsTheLabelsOfThisOne()
    {
        bench.Options.Training.AfterLabels = 3;
        await LabelAsync(1, 3);
        var before = new TrainingFinished("old", "promoted", "m", "better", 300, "anna", "another embedding") { At = DateTimeOffset.UnixEpoch };
        await bench.Journal.AppendDurableAsync(before, Cancellation);
        bench.Index.Apply(before);
        await bench.RestartAsync();
        await StartAsync();
        await log.SaidAsync(Finished);
        Assert.Equal(("labels", 3, bench.Backbone.Embedding.Identity), (state.View.Last!.RequestedBy, state.View.Last.Labels, state.View.Last.Embedding));
    }

    [Fact]
    public async Task Start_LabelsWereUndoneAndNoRoundFollowed_Trains()
    {
        await LabelAsync(1, 3);
        var undo = new Appliance.Samples.UndoDesk(bench.Journal, bench.Index, bench.Store, bench.Live, TimeProvider.System);
        Assert.Equal(3, (await undo.UndoAsync(new("anna", null, null), "karl", "was not sure")).Labels);
        await bench.RestartAsync();
        await StartAsync();
        await log.SaidAsync(Finished);
        Assert.Equal(("labels undone by karl", 0), (state.View.Last!.RequestedBy, state.View.Last.Labels));
    }

    [Fact]
    public async Task Start_LabelsWereUndoneWhileARoundRan_TrainsAgain()
    {
        await LabelAsync(1, 3);
        var undo = new Appliance.Samples.UndoDesk(bench.Journal, bench.Index, bench.Store, bench.Live, TimeProvider.System);
        // It had read its labels, and ends after they are undone.
        var snapshot = bench.Index.Place.Sure;
        await undo.UndoAsync(new("anna", null, null), "karl", "was not sure");
        await EndRoundAsync("first", snapshot);
        await bench.RestartAsync();
        await StartAsync();
        await log.SaidAsync(Finished);
        Assert.Equal("labels undone by karl", state.View.Last!.RequestedBy);
        await worker!.StopAsync(Cancellation);
        worker.Dispose();
        // That one has seen it.
        await bench.RestartAsync();
        await StartAsync();
        Assert.True(worker.Request("bert"));
        await log.SaidAsync(Finished, times: 2);
        Assert.Equal(["anna", "labels undone by karl", "bert"], bench.Journal.ReadFacts().OfType<TrainingFinished>().Select(f => f.RequestedBy));
    }

    private async Task EndRoundAsync(string job, long snapshot)
    {
        var ended = new TrainingFinished(job, "failed", null, "a test", 3, "anna", bench.Backbone.Embedding.Identity, snapshot) { At = DateTimeOffset.UnixEpoch };
        await bench.Journal.AppendDurableAsync(ended, Cancellation);
        bench.Index.Apply(ended);
    }

    [Fact]
    public async Task Schedule_ATick_TrainsOnlyWhenThereAreNewLabels()
    {
        bench.Options.Training.Every = TimeSpan.FromHours(8);
        await StartAsync();
        time.Advance(TimeSpan.FromHours(8));
        await LabelAsync(1, 1);
        time.Advance(TimeSpan.FromHours(8));
        await log.SaidAsync(Finished);
        time.Advance(TimeSpan.FromHours(8));
        Assert.True(worker!.Request("anna"));
        await log.SaidAsync(Finished, times: 2);
        Assert.Equal(["schedule", "anna"], bench.Journal.ReadFacts().OfType<TrainingFinished>().Select(f => f.RequestedBy));
    }

    private string Jobs => Path.Combine(bench.Options.StateDirectory, "jobs");

    private async Task StartAsync()
    {
        var round = new TrainingRound(bench.Options, bench.Backbone.Embedding, bench.Index, bench.Store, bench.Live, bench.Shadow, bench.Journal, state, bench.Disk, bench.Files, time, log);
        worker = new TrainingWorker(bench.Options, round, bench.Index, bench.Labels, bench.Backbone.Embedding, time);
        await worker.StartAsync(Cancellation);
    }

    private async Task LabelAsync(int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            var answer = await bench.Labels.LabelAsync($"1-{i}", i % 2 == 0 ? "ok" : "scratch", "anna", Cancellation);
            Assert.Null(answer.Refusal);
        }
    }

    private void Fails(string reason) => Script($$"""echo '{"event":"failed","reason":"{{reason}}"}'""");

    private void Delivers(double temperature, float ok) => Script(TrainerScript.Delivers(Write(
        bench.PathOf(Guid.NewGuid().ToString("n")), bench.Backbone.Embedding, temperature,
        [.. Enumerable.Range(1, 8).Select(i => Unseen($"1-{i}", $"p{i}", i % 2 == 0 ? "ok" : "scratch", i % 2 == 0 ? ok : 1 - ok))])));

    private void Script(string body) => TrainerScript.Write(bench.Options.Training.Program, body);

    private Turnstile Blocks()
    {
        var turnstile = new Turnstile(bench.PathOf("in"), bench.PathOf("out"));
        Script($"echo x > '{bench.PathOf("in")}'\nread x < '{bench.PathOf("out")}'\n");
        return turnstile;
    }
}
