using Appliance.Tests.Hosting;
using Appliance.Training;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Jobs;
using static Appliance.Tests.Hosting.TestModel;

namespace Appliance.Tests.Training;

public sealed class GateEvidenceTests : IAsyncLifetime
{
    private readonly StationBench bench = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Gather_LiveModel_AnswersOldPartsOutOfFoldAndNewOnesByItsHead()
    {
        // The live model was trained on 'old', where its head would say ok now and the fold said scratch then.
        await bench.KeepAsync(1, "old", Colour(1, 0, 0));
        await bench.KeepAsync(2, "new", Colour(1, 0, 0));
        await bench.KeepAsync(3, "old", Colour(1, 0, 0));
        var live = bench.AddModel(1, [Unseen("1-1", "old", "ok", 0.2f)]);
        var candidate = bench.AddModel(3, [Unseen("1-1", "old", "ok", 0.9f), Unseen("1-2", "new", "ok", 0.1f), Unseen("1-3", "old", "ok", 0.9f)]);
        var answers = Gather([new("1-1", "old", 0, "ok"), new("1-2", "new", 1, "ok"), new("1-3", "old", 2, "ok")], candidate, live);
        Assert.Equal(new PartAnswer("old", "ok", true, new("ok", Verdict.Ok), new("scratch", Verdict.Ng)), answers[0]);
        Assert.Equal(new PartAnswer("new", "ok", true, new("scratch", Verdict.Ng), new("ok", Verdict.Ok)), answers[1]);
    }

    [Fact]
    public async Task Gather_WhatTheLiveModelHasSeenWithoutAPredictionOfThen_IsLeftOut()
    {
        // Of 'scratch' the live model kept no prediction, as all its parts lay in one fold: nobody can tell which it was trained on.
        await bench.KeepAsync(1, "old", Colour(1, 0, 0));
        await bench.KeepAsync(2, "old", Colour(1, 0, 0));
        await bench.KeepAsync(3, "scratched", Colour(0, 1, 0));
        await bench.KeepAsync(4, "new", Colour(1, 0, 0));
        var live = bench.AddModel(1, [Unseen("1-1", "old", "ok", 0.9f)]);
        var candidate = bench.AddModel(3, [Unseen("1-2", "old", "ok", 0.9f), Unseen("1-3", "scratched", "scratch", 0.2f), Unseen("1-4", "new", "ok", 0.9f)]);
        var answers = Gather([new("1-2", "old", 1, "ok"), new("1-3", "scratched", 2, "scratch"), new("1-4", "new", 3, "ok")], candidate, live);
        Assert.Equal("new", Assert.Single(answers).Part);
    }

    [Fact]
    public async Task Gather_WhatIsUnlabelledOrWithoutAPrediction_IsLeftOut()
    {
        await bench.KeepAsync(1, "a", Colour(1, 0, 0));
        var candidate = bench.AddModel(1, [Unseen("1-1", "a", "ok", 0.9f)]);
        var answers = Gather([new("1-1", "a", 0, "ok"), new("1-1", "b", 0, null), new("9-9", "c", 0, "scratch")], candidate, null);
        Assert.Equal(new PartAnswer("a", "ok", true, new("ok", Verdict.Ok), null), Assert.Single(answers));
    }

    [Fact]
    public async Task Gather_APartWithLabelsThatDiffer_IsBadAndItsGoodSideDoesNotCount()
    {
        await bench.KeepAsync(1, "a", Colour(1, 0, 0));
        var candidate = bench.AddModel(1, [Unseen("1-1", "a", "ok", 0.9f), Unseen("1-2", "a", "ok", 0.9f), Unseen("1-3", "a", "scratch", 0.1f), Unseen("1-4", "b", "ok", 0.9f)]);
        var answers = Gather([new("1-1", "a", 0, "ok"), new("1-2", "a", 0, "ok"), new("1-3", "a", 0, "scratch"), new("1-4", "b", 0, "ok")], candidate, null);
        Assert.Equal(new PartAnswer("a", "scratch", false, new("scratch", Verdict.Ng), null), answers[0]);
        using var embeddings = new EmbeddingFileReader(bench.EmbeddingFile, bench.Backbone.Embedding);
        using var unseen = new Appliance.Models.UnseenAnswers(bench.Store.Read(candidate), embeddings, headAnswers: false);
        var all = unseen.All([new("1-2", "a", 0, "ok"), new("1-3", "a", 0, "scratch"), new("9-9", "c", 0, "ok")]);
        Assert.Equal((1, 1, 1), (all.Parts.Count, all.LeftOut, all.Differing));
    }

    private IReadOnlyList<PartAnswer> Gather(TrainingSample[] samples, string candidate, string? live)
    {
        using var embeddings = new EmbeddingFileReader(bench.EmbeddingFile, bench.Backbone.Embedding);
        return GateEvidence.Gather(samples, embeddings, bench.Store.Read(candidate), live is null ? null : bench.Store.Read(live));
    }
}
