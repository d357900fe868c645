using Appliance.Policies;
using Appliance.Tests.Hosting;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Jobs;
using static Appliance.Tests.Hosting.TestModel;

namespace Appliance.Tests.Policies;

public sealed class StandingObjectiveTests : IAsyncLifetime
{
    private readonly StationBench bench = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Theory]
    [InlineData(100, true)]
    [InlineData(20, false)]
    public async Task Keep_ALimitOfTheLivePolicy_HoldsForTheNextHeadOrRefusesIt(int bad, bool kept)
    {
        await bench.KeepAsync(1, "p1", Colour(1, 0, 0));
        var samples = Enumerable.Range(0, bad + 20).Select(i => new TrainingSample($"1-{i}", $"p{i}", 0, i < bad ? "scratch" : "ok")).ToList();
        var candidate = bench.Store.Read(bench.AddModel(3, [.. samples.Select((s, i) => Unseen(s.Sample, s.Part, s.Label!, i < bad ? 0.3f + 0.4f * i / bad : 0.9f))]));
        var live = bench.Store.Read(bench.AddModel(1));
        using var embeddings = new EmbeddingFileReader(bench.EmbeddingFile, bench.Backbone.Embedding);
        Assert.Equal((candidate, null), StandingObjective.Keep(live, candidate, samples, embeddings));

        var objective = new PolicyObjective(0.05, null);
        var (promised, unkept) = StandingObjective.Keep(live with { Policy = live.Policy with { Objective = objective } }, candidate, samples, embeddings);
        if (kept)
        {
            // None of a hundred may pass: the threshold lies above the last of them.
            Assert.Null(unkept);
            Assert.Equal(objective, promised.Policy.Objective);
            Assert.InRange(promised.Policy.Thresholds["ok"], 0.696, 0.697);
            Assert.Equal(PolicyFile.Id(promised.Policy), promised.PolicyId);
        }
        else
        {
            Assert.Contains("cannot keep what the live policy was chosen for: Not enough parts to promise", unkept, StringComparison.Ordinal);
        }
    }
}
