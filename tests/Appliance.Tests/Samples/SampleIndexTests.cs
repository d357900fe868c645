using Appliance.Journal;
using Appliance.Samples;
using Inference.Files;
using Inference.Jobs;
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
    public void TrainingPages_ALabelBetweenTwoPages_IsTakenAndInTheNext()
    {
        index.ApplyAll(0, [.. Enumerable.Range(1, 1200).Select(i => SampleFacts.Kept(i, row: i % 3 == 0 ? -1 : i))]);
        using var pages = index.TrainingPages(SampleFacts.Identity).GetEnumerator();
        Assert.True(pages.MoveNext());
        var first = pages.Current;
        index.Apply(SampleFacts.Label(1199, "good"));
        List<TrainingSample> rest = [];
        while (pages.MoveNext()) rest.AddRange(pages.Current);
        Assert.Equal(Enumerable.Range(1, 1200).Where(i => i % 3 != 0).Select(i => $"1-{i}"), first.Concat(rest).Select(r => r.Sample));
        Assert.Equal("good", rest[^1].Label);
        Assert.True(rest.Count > 1);
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

    [Fact]
    public void Unlabelled_MostUncertainFirst_PagesThroughAllOfThem()
    {
        for (var i = 1; i <= 9; i++) index.Apply(SampleFacts.Kept(i) with { Probability = i / 10f });
        index.Apply(SampleFacts.Kept(10) with { Reason = Inference.Decisions.Reasons.Unseen, Probability = 0.99f });
        index.Apply(SampleFacts.Kept(11) with { Class = null, Reason = Inference.Decisions.Reasons.NoModel });
        index.Apply(SampleFacts.Kept(12, row: -1) with { Probability = 0.1f });
        index.Apply(SampleFacts.Label(2, "good"));
        string[] expected = ["1-11", "1-10", "1-1", "1-3", "1-4", "1-5", "1-6", "1-7", "1-8", "1-9", "1-12"];
        Assert.Equal(expected, index.Unlabelled(20, null, LabelOrder.Uncertain).Select(s => s.Id));
        var page = index.Unlabelled(4, null, LabelOrder.Uncertain);
        Assert.Equal(expected[..4], page.Select(s => s.Id));
        // The page goes on where it was, though its last one was labelled meanwhile.
        index.Apply(SampleFacts.Label(3, "good"));
        Assert.Equal(expected[4..], index.Unlabelled(20, page[^1].Id, LabelOrder.Uncertain).Select(s => s.Id));
    }

    [Fact]
    public void Disputed_TwoPeopleDiffer_IsListedUntilTheyAgree()
    {
        for (var i = 1; i <= 3; i++) index.Apply(SampleFacts.Kept(i));
        index.Apply(SampleFacts.Label(1, "scratch"));
        index.Apply(SampleFacts.Label(1, "good", "bert"));
        index.Apply(SampleFacts.Label(2, "scratch"));
        index.Apply(SampleFacts.Label(2, "good"));
        Assert.Equal("1-1", Assert.Single(index.Latest(9, new(Disputed: true))).Id);
        Assert.Equal(["scratch by anna", "good by bert"], index.ById("1-1")!.History.Select(h => $"{h.Label} by {h.By}"));
        Assert.True(index.ById("1-1")!.IsDisputed);
        index.Apply(SampleFacts.Label(1, "good") with { At = SampleFacts.Label(1, "good").At.AddDays(1) });
        Assert.Empty(index.Latest(9, new(Disputed: true)));
    }

    [Fact]
    public void Disputed_AThirdPersonLabels_IsSettledByTheTwoWhoAgree()
    {
        index.Apply(SampleFacts.Kept(1));
        index.Apply(SampleFacts.Label(1, "scratch"));
        index.Apply(SampleFacts.Label(1, "good", "bert"));
        index.Apply(SampleFacts.Label(1, "scratch", "carl"));
        Assert.Empty(index.Latest(9, new(Disputed: true)));
        Assert.False(index.ById("1-1")!.IsDisputed);
        // What holds now is the word of one of three.
        index.Apply(SampleFacts.Label(1, "good", "bert") with { At = SampleFacts.Label(1, "good").At.AddDays(1) });
        Assert.True(index.ById("1-1")!.IsDisputed);
        Assert.Single(index.Latest(9, new(Disputed: true)));
    }

    [Fact]
    public void Undone_TheLastLabel_LeavesTheOneBeforeAndThenNone()
    {
        index.Apply(SampleFacts.Kept(1));
        var (first, second) = (SampleFacts.Label(1, "good"), SampleFacts.Label(1, "scratch", "bert"));
        index.Apply(first);
        index.Apply(second);
        index.Apply(Undo(second));
        Assert.Equal(("good", "anna"), (index.ById("1-1")!.Label, index.ById("1-1")!.LabelledBy));
        Assert.Equal("karl", index.ById("1-1")!.History[1].Undone!.By);
        index.Apply(Undo(first));
        Assert.Equal("1-1", Assert.Single(index.Unlabelled(9)).Id);
        Assert.Equal([new("", 1)], index.CountByLabel().Where(c => c.Value != 0));
        // The same facts again, as after a start that had missed some.
        index.Apply(first);
        index.Apply(Undo(first));
        Assert.Null(index.ById("1-1")!.Label);
        Assert.Equal(2, index.ById("1-1")!.History.Count);
    }

    [Fact]
    public void Deleted_SamplesThatShareAPicture_DoomItWithTheLast()
    {
        for (var i = 1; i <= 3; i++) index.Apply(SampleFacts.Kept(i) with { Picture = new string(i == 3 ? 'b' : 'a', 64) });
        Assert.Equal((3, 20L), index.Size());
        index.Apply(new SamplesDeleted(["1-1"], "retention", "age") { At = DateTimeOffset.UnixEpoch });
        Assert.Empty(index.Doomed(9));
        index.Apply(new SamplesDeleted(["1-2"], "retention", "age") { At = DateTimeOffset.UnixEpoch });
        Assert.Equal(new string('a', 64) + ".png", Assert.Single(index.Doomed(9)));
        Assert.Equal((1, 10L), index.Size());
        Assert.Null(index.ById("1-1"));
        // Kept again, it is needed again.
        index.Apply(SampleFacts.Kept(4));
        Assert.Empty(index.Doomed(9));
    }

    [Fact]
    public void Oldest_ByRank_IsAuditThenUnlabelledThenLabelledEachOldestFirst()
    {
        for (var i = 1; i <= 6; i++) index.Apply(SampleFacts.Kept(i) with { Why = i % 2 == 0 ? "audit" : "verdict" });
        index.Apply(SampleFacts.Label(1, "good"));
        index.Apply(SampleFacts.Label(2, "good"));
        Assert.Equal(["1-4", "1-6"], index.Oldest(RetentionRank.Audit, 9).Select(s => s.Id));
        Assert.Equal(["1-3", "1-5"], index.Oldest(RetentionRank.Unlabelled, 9).Select(s => s.Id));
        Assert.Equal(["1-2"], index.Oldest(RetentionRank.Labelled, 9, "1-1").Select(s => s.Id));
    }

    private static LabelsUndone Undo(SampleLabelled label) => new([new(label.Sample, label.Label, label.By, label.At)], "karl", "wrong") { At = DateTimeOffset.UnixEpoch };
}
