using Appliance.Policies;
using Appliance.Tests.Hosting;
using Appliance.Training;
using Inference.Decisions;
using static Appliance.Tests.Hosting.TestModel;

namespace Appliance.Tests.Training;

public sealed class ModelComparerTests : IAsyncLifetime
{
    private readonly StationBench bench = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Compare_TwoModels_IsOnPartsThatNeitherHasSeenAndNamesTheDifferences()
    {
        // Three good ones and one scratched; the last came after both models, and its heads say ok. 'old' has no prediction in the second model, which was trained on 'ok's.
        var labels = new[] { "ok", "ok", "scratch", "scratch" };
        for (var i = 1; i <= 4; i++)
        {
            await bench.KeepAsync(i, $"p{i}", Colour(1, 0, 0));
            await bench.Labels.LabelAsync($"1-{i}", labels[i - 1], "anna", Cancellation);
        }

        var first = bench.AddModel(1, [Unseen("1-1", "p1", "ok", 0.9f), Unseen("1-2", "p2", "ok", 0.9f), Unseen("1-3", "p3", "scratch", 0.1f)]);
        var second = bench.AddModel(2, [Unseen("1-1", "p1", "ok", 0.9f), Unseen("1-2", "p2", "ok", 0.2f), Unseen("1-3", "p3", "scratch", 0.1f)]);
        await bench.Live.PromoteAsync(first, "anna", "first", Cancellation);
        var compared = new ModelComparer(bench.Store, bench.Live, bench.Evidence).Compare(first, second).Value!;
        Assert.Equal((4, 0, 0, 1), (compared.Parts, compared.LeftOut, compared.Differing, compared.Different));
        Assert.Equal((true, false), (compared.A.Live, compared.B.Live));
        var part = Assert.Single(compared.DifferentParts);
        Assert.Equal(("p2", "ok", "1-2", Verdict.Ok, Verdict.Ng, "scratch"), (part.Part, part.Label, part.Samples[0], part.A, part.B, part.ClassB));
        Assert.Equal(RateEstimate.Make(0, 2, 0.95, ThresholdGrid.Count), compared.A.Expected!.Overkill);
        Assert.Equal(RateEstimate.Make(1, 2, 0.95, ThresholdGrid.Count), compared.B.Expected!.Overkill);
        Assert.Equal(RateEstimate.Make(1, 2, 0.95, ThresholdGrid.Count), compared.B.Expected.Escape);
        Assert.Equal(RateEstimate.Make(2, 2, 0.95), compared.A.Recall["ok"]);
        Assert.Equal(RateEstimate.Make(1, 2, 0.95), compared.A.Recall["scratch"]);
        Assert.True(compared.A.MacroF1 > compared.B.MacroF1);
    }
}
