using Appliance.Journal;
using Appliance.Models;
using Appliance.Tests.Hosting;
using Inference.Decisions;
using Testing.Files;

namespace Appliance.Tests.Models;

public sealed class LiveModelTests : IAsyncLifetime
{
    private readonly StationBench bench = new();

    private static CancellationToken Cancellation => Until.Cancellation;

    private List<ModelPromoted> Promotions => [.. bench.Journal.ReadFacts().OfType<ModelPromoted>()];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Promote_AStoredModel_IsDurableAndThenLive()
    {
        var model = bench.AddModel();
        var changes = 0;
        bench.Live.Changed += () => changes++;
        Assert.Null(await bench.Live.PromoteAsync(model, "anna", "better", Cancellation));
        Assert.Equal(model, bench.Slot.CurrentId);
        Assert.Equal((model, null, "anna", "better"), (Promotions[0].Model, Promotions[0].Before, Promotions[0].By, Promotions[0].Why));
        Assert.Equal(model, Assert.Single(bench.Live.Swaps).Model);
        Assert.Equal(1, changes);
    }

    [Fact]
    public async Task Promote_WhenTheFactCannotBeMadeDurable_TheOldModelStays()
    {
        var (old, next) = (bench.AddModel(1), bench.AddModel(2));
        await bench.Live.PromoteAsync(old, "anna", "first", Cancellation);
        bench.Files.FailWhen = (operation, path) => operation is FileOperation.Write or FileOperation.Sync && path.Contains("facts", StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalException>(() => bench.Live.PromoteAsync(next, "anna", "second", Cancellation));
        Assert.Equal(old, bench.Slot.CurrentId);
        Assert.Equal(old, bench.Live.Current!.Model);
        Assert.Single(bench.Live.Swaps);
        bench.Files.FailWhen = null;
    }

    [Fact]
    public async Task Promote_WhatIsMissingBrokenOrLive_SaysWhyAndChangesNothing()
    {
        var (live, broken) = (bench.AddModel(1), bench.AddModel(2));
        await bench.Live.PromoteAsync(live, "anna", "first", Cancellation);
        Break(broken);
        Assert.Contains("There is no model", await bench.Live.PromoteAsync(new string('0', 64), "anna", "x", Cancellation), StringComparison.Ordinal);
        Assert.Contains("altered", await bench.Live.PromoteAsync(broken, "anna", "x", Cancellation), StringComparison.Ordinal);
        Assert.Contains("live already", await bench.Live.PromoteAsync(live, "anna", "x", Cancellation), StringComparison.Ordinal);
        Assert.Equal(live, bench.Slot.CurrentId);
        Assert.Single(Promotions);
    }

    [Fact]
    public async Task Rollback_ToTheModelBefore_IsAPromotionOfItsOwn()
    {
        Assert.Equal("There is no model before the current one.", await RollbackAsync("anna", "x", Cancellation));
        var (first, second) = (bench.AddModel(1), bench.AddModel(2));
        await bench.Live.PromoteAsync(first, "anna", "first", Cancellation);
        Assert.Equal("There is no model before the current one.", await RollbackAsync("anna", "x", Cancellation));
        await bench.Live.PromoteAsync(second, "anna", "second", Cancellation);
        Assert.Null(await RollbackAsync("bert", "escapes", Cancellation));
        Assert.Equal(first, bench.Slot.CurrentId);
        Assert.Equal((first, second, "bert", "rollback: escapes"), (Promotions[2].Model, Promotions[2].Before, Promotions[2].By, Promotions[2].Why));
    }

    [Fact]
    public async Task Rollback_ToABrokenModel_SaysWhyAndChangesNothing()
    {
        var (first, second) = (bench.AddModel(1), bench.AddModel(2));
        await bench.Live.PromoteAsync(first, "anna", "first", Cancellation);
        await bench.Live.PromoteAsync(second, "anna", "second", Cancellation);
        Break(first);
        Assert.Contains("altered", await RollbackAsync("anna", "x", Cancellation), StringComparison.Ordinal);
        Assert.Equal(second, bench.Slot.CurrentId);
    }

    [Fact]
    public async Task Rollback_Twice_GoesFurtherBackAndNotToWhatWasLeft()
    {
        var models = await PromoteThreeAsync();
        Assert.Null(await RollbackAsync("anna", "x", Cancellation));
        Assert.Equal(models[1], bench.Slot.CurrentId);
        Assert.Null(await RollbackAsync("anna", "x", Cancellation));
        Assert.Equal(models[0], bench.Slot.CurrentId);
        Assert.Equal("There is no model before the current one.", await RollbackAsync("anna", "x", Cancellation));
    }

    [Fact]
    public async Task Restore_AfterARollback_NeverFallsBackToWhatWasLeft()
    {
        var models = await PromoteThreeAsync();
        await RollbackAsync("anna", "escapes", Cancellation);
        await bench.RestartAsync();
        Break(models[1]);
        await bench.Live.RestoreAsync(Cancellation);
        Assert.Equal(models[0], bench.Slot.CurrentId);
        await bench.RestartAsync();
        Break(models[0]);
        await bench.Live.RestoreAsync(Cancellation);
        Assert.Null(bench.Slot.CurrentId);
    }

    [Fact]
    public async Task Promote_AModelOfAnotherBackboneUnderAnObjective_IsRefusedWithTheReason()
    {
        await bench.KeepAsync(1, "p1", TestModel.Colour(1, 0, 0));
        var (live, other) = (bench.AddModel(1), bench.Backbone.Embedding);
        var package = bench.Store.Read(live);
        await bench.Live.PromoteAsync(new(package.With(package.Policy with { Objective = new(0.01) }), null, "anna", "an objective"), Cancellation);
        var last = other.Segments[^1];
        other = other with { Segments = [.. other.Segments, last with { Name = "s9.avg", Offset = last.Offset + last.Length }] };
        var foreign = bench.Store.Import(TestModel.Write(bench.PathOf("foreign"), other));
        var answer = await bench.Models.PromoteAsync(foreign, false, false, "anna", "x", Cancellation);
        Assert.Equal(DeskRefusal.Conflict, answer.Kind);
        Assert.Contains("another backbone, region or size", answer.Why, StringComparison.Ordinal);
        Assert.Equal(live, bench.Slot.CurrentId);
    }

    [Fact]
    public async Task Restore_AfterPromotionsUnderAClockThatWasSetBack_BringsBackTheLastOne()
    {
        var (first, second, third) = (bench.AddModel(1), bench.AddModel(2), bench.AddModel(3));
        await bench.Live.PromoteAsync(first, "anna", "under a clock that is ahead", Cancellation);
        bench.Time.AdjustTime(bench.Time.GetUtcNow() - TimeSpan.FromDays(300));
        await bench.Live.PromoteAsync(second, "anna", "the clock is right", Cancellation);
        await bench.RestartAsync();
        await bench.Live.RestoreAsync(Cancellation);
        Assert.Equal(second, bench.Slot.CurrentId);
        await bench.Live.PromoteAsync(third, "anna", "better", Cancellation);
        Assert.Null(await RollbackAsync("bert", "escapes", Cancellation));
        Assert.Equal(second, bench.Slot.CurrentId);
        await bench.RestartAsync();
        await bench.Live.RestoreAsync(Cancellation);
        Assert.Equal(second, bench.Slot.CurrentId);
    }

    [Fact]
    public async Task Restore_AfterARestart_BringsBackTheLiveModelWithoutANewFact()
    {
        var model = bench.AddModel();
        await bench.Live.PromoteAsync(model, "anna", "better", Cancellation);
        await bench.RestartAsync();
        await bench.Live.RestoreAsync(Cancellation);
        Assert.Equal(model, bench.Slot.CurrentId);
        Assert.Equal("anna", bench.Live.Current!.By);
        Assert.Single(Promotions);
    }

    [Fact]
    public async Task Restore_WhenTheNewestIsBroken_FallsBackAndRecordsIt()
    {
        var (first, second) = (bench.AddModel(1), bench.AddModel(2));
        await bench.Live.PromoteAsync(first, "anna", "first", Cancellation);
        await bench.Live.PromoteAsync(second, "anna", "second", Cancellation);
        await bench.RestartAsync();
        Break(second);
        await bench.Live.RestoreAsync(Cancellation);
        Assert.Equal(first, bench.Slot.CurrentId);
        Assert.Equal((first, second, "appliance"), (Promotions[2].Model, Promotions[2].Before, Promotions[2].By));
        await bench.RestartAsync();
        await bench.Live.RestoreAsync(Cancellation);
        Assert.Equal(first, bench.Slot.CurrentId);
        Assert.Equal(3, Promotions.Count);
    }

    [Fact]
    public async Task Restore_WithNothingThatLoads_LeavesNoModel()
    {
        await bench.Live.RestoreAsync(Cancellation);
        Assert.Null(bench.Live.Current);
        var model = bench.AddModel();
        await bench.Live.PromoteAsync(model, "anna", "first", Cancellation);
        await bench.RestartAsync();
        Break(model);
        await bench.Live.RestoreAsync(Cancellation);
        Assert.Null(bench.Slot.CurrentId);
        Assert.Null(bench.Live.Current);
    }

    [Fact]
    public async Task Promote_JudgedAgainstWhatIsLiveNoMore_IsRefusedAndSaysWhatIs()
    {
        var (first, second, third) = (bench.AddModel(1), bench.AddModel(2), bench.AddModel(3));
        Assert.Null(await bench.Live.PromoteAsync(first, "anna", "first", Cancellation));
        var judged = bench.Live.Standing!;
        Assert.Null(await bench.Live.PromoteAsync(second, "bert", "second", Cancellation));
        var answer = await bench.Live.PromoteAsync(new(bench.Store.Read(third), judged.Promotion, "training", "better"), Cancellation);
        Assert.Equal(PromotionOutcome.Overtaken, answer.Outcome);
        Assert.Contains("Meanwhile bert made model " + second[..12], answer.Refusal, StringComparison.Ordinal);
        Assert.Equal(second, bench.Slot.CurrentId);
        // Gone back to is not what it was then: somebody looked at it since.
        Assert.Null(await RollbackAsync("anna", "x", Cancellation));
        Assert.Equal(PromotionOutcome.Overtaken, (await bench.Live.PromoteAsync(new(bench.Store.Read(third), judged.Promotion, "training", "better"), Cancellation)).Outcome);
        Assert.Equal(PromotionOutcome.Promoted, (await bench.Live.PromoteAsync(new(bench.Store.Read(third), bench.Live.Current, "training", "better"), Cancellation)).Outcome);
    }

    [Fact]
    public async Task Promote_ByAPerson_TakesAlongThePolicySetByHandUnlessToldOtherwise()
    {
        var (first, second) = (bench.AddModel(1), bench.AddModel(2));
        await bench.Live.PromoteAsync(first, "anna", "first", Cancellation);
        var strict = bench.Live.Standing!.Package.Policy with { Thresholds = TestModel.Classes.ToDictionary(c => c, _ => 0.9) };
        await bench.Live.PromoteAsync(new(bench.Live.Standing.Package.With(strict), bench.Live.Current, "anna", "policy: strict"), Cancellation);
        Assert.Null((await bench.Models.PromoteAsync(second, packagePolicy: false, false, "bert", "better", Cancellation)).Why);
        Assert.Equal(PolicyFile.Id(strict), bench.Live.Current!.Policy);
        Assert.Equal("promoted: better; from the live policy it takes thresholds set by hand: ok 0.9, scratch 0.9", bench.Live.Current.Why);
        Assert.Equal(strict.Thresholds, bench.Live.Current.Content!.Thresholds);
        Assert.Null((await bench.Models.PromoteAsync(second, packagePolicy: true, false, "bert", "as trained", Cancellation)).Why);
        Assert.Null(bench.Live.Current.Content);
        Assert.Equal(0.5, bench.Live.Standing!.Package.Policy.Thresholds["ok"]);
    }

    private async Task<string?> RollbackAsync(string by, string why, CancellationToken cancellation) => (await bench.Models.RollbackAsync(false, by, why, cancellation)).Why;

    private async Task<string[]> PromoteThreeAsync()
    {
        string[] models = [bench.AddModel(1), bench.AddModel(2), bench.AddModel(3)];
        foreach (var model in models) Assert.Null(await bench.Live.PromoteAsync(model, "anna", "better", Cancellation));
        return models;
    }

    private void Break(string model) => File.AppendAllText(Path.Combine(bench.Options.StateDirectory, "models", model, "head.onnx"), "x");
}
