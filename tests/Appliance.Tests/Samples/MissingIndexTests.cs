using Appliance.Journal;
using Appliance.Models;
using Appliance.Samples;
using Appliance.Tests.Hosting;

namespace Appliance.Tests.Samples;

/// <summary>A start after a kill: the line judges with what was live, while the index is made anew.</summary>
public sealed class MissingIndexTests : IAsyncLifetime
{
    private readonly StationBench bench = new();

    private static CancellationToken Cancellation => Until.Cancellation;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Start_AfterAKillWithManyFacts_BringsBackModelsWithoutTheIndexAndSaysSo()
    {
        await bench.KeepAsync(1, "escaped", [0, 1, 0, 0, 1, 0]);
        await bench.Labels.LabelAsync("1-1", "scratch", "anna", Cancellation);
        Assert.Null((await bench.MustCatch.AddAsync("1-1", "anna", "came back", Cancellation)).Why);
        var (first, live, candidate) = (bench.AddModel(1), bench.AddModel(2), bench.AddModel(3));
        foreach (var model in (string[])[first, live]) Assert.Equal(PromotionOutcome.Promoted, (await bench.Live.PromoteAsync(new(bench.Store.Read(model), bench.Live.Current, "anna", "better", OverrideMustCatch: true), Cancellation)).Outcome);
        var begun = new ShadowBegun(candidate, bench.Store.Read(candidate).PolicyId, live, bench.Live.Current!.Policy, 10, null, false, "anna", "look") { At = DateTimeOffset.UnixEpoch };
        await bench.Journal.AppendDurableAsync(begun, Cancellation);

        await bench.RestartWithoutIndexAsync();
        await bench.Live.RestoreAsync(Cancellation);
        await bench.Shadow.RestoreAsync(Cancellation);

        Assert.Equal((live, live), (bench.Slot.CurrentId, bench.Live.Current!.Model));
        Assert.Equal(["1-1"], bench.MustCatch.Ids);
        Assert.Equal(candidate, bench.Shadow.Now!.Begun.Model);
        Assert.Equal("it was not closed in order", bench.Index.Trouble);
        Assert.False(bench.Index.Ready.IsCompleted);
        var refused = await Assert.ThrowsAsync<IndexUnavailableException>(() => bench.Labels.LabelAsync("1-1", "ok", "anna", Cancellation));
        Assert.Contains("is being made anew from the journal: it was not closed in order.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keeper_AfterAKillWithManyFacts_MakesItWithWhatCameMeanwhileAndTheNextStartTrustsIt()
    {
        await bench.KeepAsync(1);
        await bench.RestartWithoutIndexAsync();
        var meanwhile = await bench.KeepAsync(2);
        using var keeper = bench.Keeper();
        await keeper.StartAsync(Cancellation);
        await bench.Index.Ready.WaitAsync(Cancellation);
        await keeper.StopAsync(Cancellation);
        Assert.Null(bench.Index.Trouble);
        Assert.Null((await bench.Labels.LabelAsync(meanwhile, "ok", "anna", Cancellation)).Refusal);
        var facts = bench.Journal.FactCount;

        await bench.RestartAsync();

        Assert.Equal(facts, bench.Index.TrustedFacts);
        Assert.Equal((2, "ok"), (bench.Index.Size().Samples, bench.Index.ById(meanwhile)!.Label));
    }

    [Fact]
    public async Task Keeper_StoppedWhileItMakesIt_StopsAndLeavesItToTheNextStart()
    {
        await bench.KeepAsync(1);
        await bench.RestartWithoutIndexAsync();
        using var stop = new CancellationTokenSource();
        using var keeper = bench.Keeper();
        bench.Files.FailWhen = (_, path) =>
        {
            if (path.Contains("samples", StringComparison.Ordinal)) stop.Cancel();
            return false;
        };
        await keeper.StartAsync(stop.Token);
        await keeper.ExecuteTask!.WaitAsync(Cancellation);
        Assert.NotNull(bench.Index.Trouble);
        await bench.RestartAsync();
        Assert.NotNull(bench.Index.Trouble);
    }

    [Fact]
    public async Task Start_AfterAKillWithFewFacts_HasTheIndexAtOnce()
    {
        await bench.KeepAsync(1);
        bench.Index.Abandon();
        await bench.RestartAsync();
        Assert.Equal((null, 1), (bench.Index.Trouble, bench.Index.Size().Samples));
    }
}
