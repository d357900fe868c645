using Appliance.Journal;
using Appliance.Samples;
using Appliance.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Files;

namespace Appliance.Tests.Samples;

public sealed class IndexKeeperTests : IAsyncLifetime
{
    private readonly StationBench bench = new();
    private IndexKeeper? keeper;

    private static CancellationToken Cancellation => Until.Cancellation;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (keeper is not null) await keeper.StopAsync(CancellationToken.None);
        keeper?.Dispose();
        await bench.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Label_WhoseIndexFails_IsAcknowledgedAndFoundOnceItIsMadeAnew(bool torn)
    {
        var (first, second) = (await bench.KeepAsync(1), await bench.KeepAsync(2));
        bench.Files.TornWrites = torn;
        bench.Files.FailWhen = (operation, path) => operation == FileOperation.Write && path.Contains("samples", StringComparison.Ordinal);
        for (var i = 0; bench.Index.Trouble is null; i++) Assert.Null((await bench.Labels.LabelAsync(first, $"scratch {i}", "anna", Cancellation)).Refusal);
        await Assert.ThrowsAsync<IndexUnavailableException>(() => bench.Labels.LabelAsync(second, "ok", "anna", Cancellation));
        Start();
        bench.Files.FailWhen = null;
        await Until.HoldsAsync(() => bench.Index.Trouble is null);
        var labels = bench.Journal.ReadFacts().OfType<SampleLabelled>().Select(l => l.Label).ToList();
        Assert.Equal(labels, bench.Index.ById(first)!.History.Select(h => h.Label));
        Assert.Null((await bench.Labels.LabelAsync(second, "ok", "anna", Cancellation)).Refusal);
        await keeper!.StopAsync(CancellationToken.None);
        await bench.RestartAsync();
        Assert.Equal((labels[^1], "ok"), (bench.Index.ById(first)!.Label, bench.Index.ById(second)!.Label));
    }

    [Fact]
    public async Task Apply_WhileItIsMadeAnew_IsNotMissed()
    {
        await bench.KeepAsync(1);
        bench.Files.FailWhen = (operation, path) => operation == FileOperation.Write && path.Contains("samples", StringComparison.Ordinal);
        var number = 2;
        await Until.HoldsAsync(() => bench.Index.Trouble is not null, () => bench.KeepAsync(number++));
        await bench.KeepAsync(number++);
        bench.Files.FailWhen = null;
        var rebuilder = new IndexRebuilder(SampleFiles.Index(bench.Options.StateDirectory), NullLogger.Instance, bench.Files);
        bench.Index.Replace(() =>
        {
            var fresh = rebuilder.Rebuild(bench.Journal.ReadFacts());
            bench.KeepAsync(number++).GetAwaiter().GetResult();
            return fresh;
        });
        Assert.Equal(number - 1, bench.Index.CountByLabel()[""]);
    }

    [Fact]
    public void Replace_ByOneThatCannotBeMade_SaysWhyAndNoLongerWhatWasWrongBefore()
    {
        var index = SampleIndex.Missing("it was not closed in order");
        Assert.Throws<IOException>(() => index.Replace(() => throw new IOException("No space left on device.")));
        Assert.Equal("the last attempt failed: No space left on device", index.Trouble);
        Assert.False(index.Ready.IsCompleted);
    }

    private void Start()
    {
        var rebuilder = new IndexRebuilder(SampleFiles.Index(bench.Options.StateDirectory), NullLogger.Instance, bench.Files);
        keeper = new IndexKeeper(bench.Index, rebuilder, bench.Journal, TimeProvider.System, NullLogger<IndexKeeper>.Instance);
        Assert.True(keeper.StartAsync(CancellationToken.None).IsCompleted);
    }
}
