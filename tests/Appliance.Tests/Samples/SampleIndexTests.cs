using Appliance.Samples;
using Inference.Files;
using Testing.Files;

namespace Appliance.Tests.Samples;

public sealed class SampleIndexTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly SampleIndex index;

    public SampleIndexTests() => index = new SampleIndex(LinuxFileSystem.Instance, SampleFiles.Index(directory.Path));

    public void Dispose()
    {
        index.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void ById_KeptAndRelabelled_HasTheLastLabelAndAllHistory()
    {
        var kept = SampleFacts.Kept(7);
        index.Apply(kept);
        index.Apply(SampleFacts.Label(7, "good"));
        index.Apply(SampleFacts.Label(7, "scratch", "bert", "good"));
        var sample = index.ById("1-7")!;
        Assert.Equal((kept, "scratch", "bert"), (sample.Kept, sample.Label, sample.LabelledBy));
        Assert.Equal(["good", "scratch"], sample.History.Select(h => h.Label));
        Assert.Equal(SampleFacts.Label(7, "scratch").At, sample.LabelledAt);
        Assert.Null(index.ById("1-8"));
        Assert.Null(index.ById("nonsense"));
    }

    [Fact]
    public void Unlabelled_Pages_NewestFirstWithoutTheLabelled()
    {
        for (var i = 1; i <= 12; i++) index.Apply(SampleFacts.Kept(i));
        index.Apply(SampleFacts.Label(11, "good"));
        var first = index.Unlabelled(3);
        Assert.Equal(["1-12", "1-10", "1-9"], first.Select(s => s.Id));
        Assert.Equal(["1-8", "1-7"], index.Unlabelled(2, first[^1].Id).Select(s => s.Id));
    }

    [Fact]
    public void Latest_Filters_ByEverythingAtOnce()
    {
        for (var i = 1; i <= 10; i++) index.Apply(SampleFacts.Kept(i, i % 2 == 0 ? "NG" : "UNSURE", i < 6 ? "p1" : "p2"));
        index.Apply(SampleFacts.Label(2, "good"));
        Assert.Equal(["1-10", "1-9"], index.Latest(2).Select(s => s.Id));
        Assert.Equal(["1-4", "1-2"], index.Latest(9, new(Verdict: "NG", Part: "p1", Camera: "cam")).Select(s => s.Id));
        Assert.Equal(["1-2"], index.Latest(9, new(Label: "good")).Select(s => s.Id));
        Assert.Equal(["1-5", "1-4"], index.Latest(2, before: "1-6").Select(s => s.Id));
        Assert.Empty(index.Latest(9, new(Camera: "other")));
    }

    [Fact]
    public void Latest_VeryLongPartIds_AreToldApart()
    {
        var part = new string('ü', 5000);
        index.Apply(SampleFacts.Kept(1, part: part));
        index.Apply(SampleFacts.Kept(2, part: part + "2"));
        Assert.Equal(["1-1"], index.Latest(9, new(Part: part)).Select(s => s.Id));
    }

    [Fact]
    public void TrainingRows_MixedSamples_AreThoseWithARowOfThisEmbedding()
    {
        index.Apply(SampleFacts.Kept(1, part: "p", row: 5));
        index.Apply(SampleFacts.Kept(2, row: 6));
        index.Apply(SampleFacts.Kept(3, row: -1));
        index.Apply(SampleFacts.Kept(4) with { EmbeddingIdentity = "other" });
        index.Apply(SampleFacts.Label(1, "good"));
        Assert.Equal([new("1-1", "p", 5, "good"), new("1-2", "1-2", 6, null)], index.TrainingRows(SampleFacts.Identity));
        Assert.Equal([new("", 3), new("good", 1)], index.CountByLabel());
    }

    [Fact]
    public void Apply_SameFactsAgain_ChangesNothing()
    {
        var facts = SampleFacts.Random(1, 60);
        foreach (var fact in facts) index.Apply(fact);
        var before = SampleFacts.Describe(index);
        foreach (var fact in facts.Skip(20)) index.Apply(fact);
        Assert.Equal(before, SampleFacts.Describe(index));
    }
}
