using Appliance.Journal;
using Appliance.Samples;
using Appliance.Tests.Hosting;

namespace Appliance.Tests.Samples;

public sealed class UndoDeskTests : IAsyncLifetime
{
    private readonly StationBench bench = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private UndoDesk Desk => new(bench.Journal, bench.Index, bench.Store, bench.Live, TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        for (var i = 1; i <= 4; i++) await bench.KeepAsync(i, $"p{i}");
        await LabelAsync("1-1", "scratch", "anna");
        await LabelAsync("1-2", "ok", "bert");
        await LabelAsync("1-2", "scratch", "anna");
        await LabelAsync("1-3", "ok", "bert");
    }

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Look_APersonsLabels_SaysWhatItMeansAndChangesNothing()
    {
        var with = bench.AddModel(2, [TestModel.Unseen("1-1", "p1", "scratch", 0.1f), TestModel.Unseen("1-3", "p3", "ok", 0.9f)]);
        bench.AddModel(3, [TestModel.Unseen("1-4", "p4", "scratch", 0.1f), TestModel.Unseen("1-3", "p3", "ok", 0.9f)]);
        await bench.Live.PromoteAsync(with, "anna", "first", Cancellation);
        var result = await Desk.LookAsync(new("anna", null, null));
        Assert.Equal((2, 2, 1), (result.Labels, result.Samples, result.Unlabelled));
        Assert.Equal([new("scratch", 2)], result.Classes);
        Assert.Equal([with], result.Models);
        Assert.Equal(with, result.Live);
        Assert.Empty(bench.Journal.ReadFacts().OfType<LabelsUndone>());
        Assert.Equal("scratch", bench.Index.ById("1-1")!.Label);
    }

    [Fact]
    public async Task Undo_APersonsLabels_LeavesOthersAndTheHistoryAlsoAfterARestart()
    {
        await Desk.UndoAsync(new("anna", null, null), "karl", "took stains for scratches");
        Check();
        await bench.RestartAsync();
        Check();
        File.Delete(SampleFiles.Index(bench.Options.StateDirectory));
        await bench.RestartAsync();
        Check();
    }

    [Fact]
    public async Task Undo_Again_IsNothing()
    {
        await Desk.UndoAsync(new("anna", null, null), "karl", "wrong");
        Assert.Equal(0, (await Desk.UndoAsync(new("anna", null, null), "karl", "wrong")).Labels);
        Assert.Single(bench.Journal.ReadFacts().OfType<LabelsUndone>());
    }

    [Fact]
    public async Task Undo_APeriod_TakesWhatWasSaidInIt()
    {
        var times = bench.Journal.ReadFacts().OfType<SampleLabelled>().Select(l => l.At).ToList();
        Assert.Equal(2, (await Desk.UndoAsync(new(null, times[1], times[2]), "karl", "the lamp was broken")).Labels);
        Assert.Equal(["scratch", null, "ok"], new[] { "1-1", "1-2", "1-3" }.Select(s => bench.Index.ById(s)!.Label));
        Assert.Equal(0, (await Desk.LookAsync(new("nobody", null, null))).Labels);
    }

    private void Check()
    {
        Assert.Equal([null, "ok", "ok"], new[] { "1-1", "1-2", "1-3" }.Select(s => bench.Index.ById(s)!.Label));
        var history = bench.Index.ById("1-2")!.History;
        Assert.Equal([null, "karl: took stains for scratches"], history.Select(h => h.Undone is { } u ? $"{u.By}: {u.Why}" : null));
        Assert.Equal(["1-4", "1-1"], bench.Index.Unlabelled(9).Select(s => s.Id));
        Assert.Equal(2, bench.Index.CountByLabel()["ok"]);
    }

    private async Task LabelAsync(string sample, string label, string by) => Assert.Null((await bench.Labels.LabelAsync(sample, label, by, Cancellation)).Refusal);
}
