using Appliance.Policies;
using Appliance.Tests.Hosting;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Jobs;
using static Appliance.Tests.Hosting.TestModel;

namespace Appliance.Tests.Policies;

public sealed class StandingPolicyTests : IAsyncLifetime
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
        Assert.Equal(new(candidate, null, null), StandingPolicy.Keep(live, candidate, NotAsked, embeddings, headAnswers: false));

        var objective = new PolicyObjective(0.05, null);
        var promised = StandingPolicy.Keep(live.With(live.Policy with { Objective = objective }), candidate, () => samples, embeddings, headAnswers: false);
        if (kept)
        {
            // None of a hundred may pass: the threshold lies above the last of them.
            Assert.Null(promised.Unkept);
            Assert.Equal(objective, promised.Model.Policy.Objective);
            Assert.InRange(promised.Model.Policy.Thresholds["ok"], 0.696, 0.697);
            Assert.Equal(PolicyFile.Id(promised.Model.Policy), promised.Model.PolicyId);
            Assert.Contains("its objective (", promised.Said, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains("cannot keep what the live policy was chosen for: Not enough parts to promise", promised.Unkept, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Keep_ThresholdsBandAndLimitSetByHand_GoAlongFromHeadToHead()
    {
        var (first, second, third) = (bench.Store.Read(bench.AddModel(1)), bench.Store.Read(bench.AddModel(2)), bench.Store.Read(bench.AddModel(3)));
        var byHand = first.Policy with { Thresholds = new Dictionary<string, double> { ["ok"] = 0.93, ["scratch"] = 0.5 }, UnsureBand = 0.25, UnseenLimit = 1.5 };
        var next = StandingPolicy.Keep(first.With(byHand), second, NotAsked, null, headAnswers: false);
        Assert.Equal("from the live policy it takes unsure band 0.25; unseen limit 1.5; thresholds set by hand: ok 0.93, scratch 0.5", next.Said);
        // Also once more, and although the threshold of 'scratch' is the one that the trainer gave.
        var last = StandingPolicy.Keep(next.Model, third, NotAsked, null, headAnswers: false).Model;
        Assert.Equal((PolicyFile.Id(byHand), false), (last.PolicyId, last.HasOwnPolicy));
        Assert.Equal((third.PolicyId, true), (last.With(null).PolicyId, last.With(null).HasOwnPolicy));
    }

    // Reading a hundred thousand samples takes a second and its memory.
    private static IReadOnlyList<TrainingSample> NotAsked() => throw new InvalidOperationException("The samples were asked for.");
}
