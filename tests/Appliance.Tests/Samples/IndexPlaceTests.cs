using Appliance.Tests.Hosting;

namespace Appliance.Tests.Samples;

/// <summary>What a clean end leaves to the next start: nothing that the index has, and all that it has not.</summary>
public sealed class IndexPlaceTests : IAsyncLifetime
{
    private readonly StationBench bench = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Restart_FactThatBecameDurableAndNeverReachedTheIndex_IsTakenByTheNextStart()
    {
        await bench.KeepAsync(1);
        await bench.RestartAsync();
        var missed = SampleFacts.Kept(2, epoch: bench.Journal.Epoch);
        await bench.Journal.AppendDurableAsync(missed, Until.Cancellation);
        for (var i = 3; i <= 8; i++) await bench.KeepAsync(i);

        await bench.RestartAsync();

        Assert.NotNull(bench.Index.TrustedFacts);
        Assert.Equal(missed, bench.Index.ById(missed.Sample)?.Kept);
        Assert.Equal(8, bench.Index.CountByLabel()[""]);
    }

    [Fact]
    public async Task Restart_EverythingReachedTheIndex_ReadsNothingAgain()
    {
        for (var i = 1; i <= 5; i++) await bench.KeepAsync(i);
        await bench.Journal.TryAcceptAsync(new("t1", "c1", null, "r") { At = DateTimeOffset.UnixEpoch }, Until.Cancellation);
        var facts = bench.Journal.ReadFacts().Count();

        await bench.RestartAsync();

        Assert.Equal(facts, bench.Index.TrustedFacts);
    }
}
