using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Models;
using Appliance.Samples;
using Appliance.Tests.Hosting;
using Inference.Decisions;
using static Appliance.Tests.Hosting.TestModel;

namespace Appliance.Tests.Models;

public sealed class MustCatchTests : IAsyncLifetime
{
    private readonly StationBench bench = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Add_WhatIsNoLabelledBadSample_IsRefusedWithTheReason()
    {
        await bench.KeepAsync(1, "p1", Colour(0, 1, 0));
        Assert.Contains("There is no sample '1-9'", await AddAsync("1-9"), StringComparison.Ordinal);
        Assert.Contains("Nobody has labelled sample 1-1", await AddAsync("1-1"), StringComparison.Ordinal);
        await bench.Labels.LabelAsync("1-1", "ok", "anna", Cancellation);
        Assert.Contains("the class of good parts", await AddAsync("1-1"), StringComparison.Ordinal);
        await bench.Labels.LabelAsync("1-1", "scratch", "anna", Cancellation);
        Assert.Null(await AddAsync("1-1"));
        Assert.Contains("already", await AddAsync("1-1"), StringComparison.Ordinal);
        Assert.True(bench.MustCatch.Contains("1-1"));
        Assert.Contains("not on the must-catch list", (await bench.MustCatch.RemoveAsync("1-2", "anna", "x", Cancellation)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_AnEscapeWhosePictureWasNotKept_SaysWhatItsVerdictWasAndHowToGetASample()
    {
        bench.Journal.Commit(Message("w-7", Verdict.Ok, "ok"));
        bench.Journal.Commit(Message("w-8", Verdict.Ng, "scratch"));
        bench.Options.Sampling.OkShare = 0.05;
        const string expected = "There is no sample '1-1': that inspection of part w-7 had the verdict OK, but its picture was not kept (of the parts that are passed a share of 0.05 is kept (Sampling:OkShare)), "
            + "or was given up since. To get one, raise Sampling:OkShare, up to 1 to keep each, present the part again and label the sample of that inspection.";
        Assert.Equal(expected, await AddAsync("1-1"));
        Assert.Equal(expected, (await bench.Labels.LabelAsync("1-1", "scratch", "anna", Cancellation)).Refusal);
        Assert.Contains("that inspection of part w-8 had the verdict NG (scratch)", await AddAsync("1-2"), StringComparison.Ordinal);
        Assert.Equal("There is no sample '1-3'. GET /api/v1/samples lists them.", await AddAsync("1-3"));
    }

    [Fact]
    public async Task List_LabelsThatWereChangedOrUndoneSince_AreMarkedAlsoAfterARestart()
    {
        foreach (var number in new[] { 1, 2, 3 }) await ListAsync(number, Colour(0, 1, 0));
        await bench.Labels.LabelAsync("1-1", "dent", "carl", Cancellation);
        var label = bench.Index.ById("1-2")!.Holding!;
        var undone = new LabelsUndone([new("1-2", label.Label, label.By, label.At)], "dora", "took stains for scratches") { At = bench.Time.GetUtcNow() };
        await bench.Journal.AppendDurableAsync(undone, Cancellation);
        bench.Index.Apply(undone);
        await bench.RestartAsync();
        var problems = bench.MustCatch.All().Samples.ToDictionary(s => s.Sample, s => s.Problem!);
        Assert.Contains("it was 'scratch' when it was listed; carl labels it 'dent' now", problems["1-1"], StringComparison.Ordinal);
        Assert.Contains("its label was undone by dora (took stains for scratches): label it anew, or take it off the list; until then it must still be caught", problems["1-2"], StringComparison.Ordinal);
        Assert.DoesNotContain("label", problems["1-3"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_WhileTheIndexCannotBeAsked_ChangesNothing()
    {
        await ListAsync(1, Colour(0, 1, 0));
        bench.Index.Abandon();
        await Assert.ThrowsAsync<IndexUnavailableException>(() => bench.MustCatch.RemoveAsync("1-1", "bert", "the drawing allows it", Cancellation));
        Assert.True(bench.MustCatch.Contains("1-1"));
        Assert.All(bench.Journal.ReadFacts<MustCatchChanged>(), change => Assert.True(change.Listed));
    }

    [Fact]
    public async Task List_AfterARestart_IsTheSameAndKnowsWhatWasTakenOff()
    {
        foreach (var number in new[] { 1, 2 }) await ListAsync(number, Colour(0, 1, 0));
        Assert.Null((await bench.MustCatch.RemoveAsync("1-1", "bert", "the drawing allows it", Cancellation)).Why);
        await bench.RestartAsync();
        var left = Assert.Single(bench.MustCatch.All().Samples);
        Assert.Equal(("1-2", "p2", "scratch", "anna", "an escape"), (left.Sample, left.Part, left.Label, left.By, left.Why));
        // The bench keeps no pictures.
        Assert.Equal((true, "its picture is gone; its embedding is enough to judge it"), (left.CanBeJudged, left.Problem));
    }

    [Fact]
    public async Task List_AfterChangesUnderAClockThatWasSetBack_KnowsTheLastWord()
    {
        await ListAsync(1, Colour(0, 1, 0));
        bench.Time.AdjustTime(bench.Time.GetUtcNow() - TimeSpan.FromDays(300));
        Assert.Null((await bench.MustCatch.RemoveAsync("1-1", "bert", "by mistake", Cancellation)).Why);
        await bench.RestartAsync();
        Assert.Empty(bench.MustCatch.Ids);
        bench.Time.AdjustTime(bench.Time.GetUtcNow() - TimeSpan.FromDays(300));
        Assert.Null(await AddAsync("1-1"));
        await bench.RestartAsync();
        Assert.Equal(["1-1"], bench.MustCatch.Ids);
    }

    [Fact]
    public async Task Promote_AModelThatPassesOne_IsRefusedUntilAPersonAnswersForIt()
    {
        // Labelled scratch, but as red as a good part: the head says ok.
        await ListAsync(1, Colour(1, 0, 0));
        await ListAsync(2, Colour(0, 1, 0));
        var model = bench.AddModel();
        var answer = await bench.Live.PromoteAsync(new(bench.Store.Read(model), null, "training 1", "better"), Cancellation);
        Assert.Equal(PromotionOutcome.MissesMustCatch, answer.Outcome);
        Assert.Contains("it would pass 1 of 2 must-catch samples as good: 1-1 (scratch) with 0.", answer.Refusal, StringComparison.Ordinal);
        Assert.Null(bench.Slot.CurrentId);
        Assert.Contains("--override-must-catch", (await PromoteAsync(model, false)).Why, StringComparison.Ordinal);
        Assert.Empty(bench.Journal.ReadFacts().OfType<ModelPromoted>());

        Assert.Null((await PromoteAsync(model, true)).Why);
        var fact = bench.Journal.ReadFacts().OfType<ModelPromoted>().Single();
        Assert.Equal(("anna", "promoted: sorted by hand", "1-1"), (fact.By, fact.Why, Assert.Single(fact.Overridden!)));
    }

    [Fact]
    public async Task Promote_APolicyThatLeavesItToAPerson_CatchesIt()
    {
        await ListAsync(1, Colour(1, 0, 0));
        var package = bench.Store.Read(bench.AddModel());
        var strict = package.With(package.Policy with { Thresholds = Classes.ToDictionary(c => c, _ => 1.0) });
        Assert.Equal(PromotionOutcome.Promoted, (await bench.Live.PromoteAsync(new(strict, null, "anna", "strict"), Cancellation)).Outcome);
        // And back to the one of the package, which passes it: no way, also not for a policy alone or by a rollback.
        Assert.Contains("must-catch samples as good: 1-1", (await bench.Models.PromoteAsync(package.ModelId, true, false, "anna", "x", Cancellation)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promote_WhatCannotBeJudged_IsNamedAndNotPassedOver()
    {
        await bench.KeepAsync(1, "p1");
        await bench.Labels.LabelAsync("1-1", "scratch", "anna", Cancellation);
        var added = (await bench.MustCatch.AddAsync("1-1", "anna", "an escape", Cancellation)).Value!;
        Assert.False(added.CanBeJudged);
        await ListAsync(2, Colour(0, 1, 0));
        await ListAsync(3, Colour(0, 1, 0));
        using (var file = new FileStream(bench.EmbeddingFile, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Seek(-3, SeekOrigin.End);
            file.WriteByte(0xAA);
        }

        var model = bench.AddModel();
        var refusal = (await PromoteAsync(model, false)).Why!;
        Assert.Contains("2 of 3 must-catch samples cannot be judged: 1-1 (it has no embedding of this backbone", refusal, StringComparison.Ordinal);
        Assert.Contains("1-3 (its embedding is gone or damaged", refusal, StringComparison.Ordinal);
        Assert.Contains("each promotion is refused that nobody answers for", bench.MustCatch.All().Samples[0].Problem, StringComparison.Ordinal);
        Assert.Null((await PromoteAsync(model, true)).Why);
        Assert.Equal(["1-1", "1-3"], bench.Live.Current!.Overridden!);
    }

    [Fact]
    public async Task Promote_AListedSampleThatIsRelabelledGood_StaysOnTheListAndSaysSo()
    {
        await ListAsync(1, Colour(1, 0, 0));
        await bench.Labels.LabelAsync("1-1", "ok", "carl", Cancellation);
        Assert.Contains("carl labels it 'ok' now", bench.MustCatch.All().Samples[0].Problem, StringComparison.Ordinal);
        Assert.NotNull((await PromoteAsync(bench.AddModel(), false)).Why);
    }

    [Fact]
    public async Task Restore_AnOverriddenModel_IsLiveAgainWithoutAnotherWord()
    {
        await ListAsync(1, Colour(1, 0, 0));
        var model = bench.AddModel();
        await PromoteAsync(model, true);
        await bench.RestartAsync();
        await bench.Live.RestoreAsync(Cancellation);
        Assert.Equal(model, bench.Slot.CurrentId);
    }

    private static VerdictMessage Message(string part, Verdict verdict, string name) => new()
    {
        Station = "s1", Camera = "c1", Part = part, Recipe = "r", GrabbedAt = DateTimeOffset.UnixEpoch, LatencyMs = new(0, 0, 0, 0, 0), Verdict = verdict, Class = name, Reason = Reasons.Confident,
    };

    private Task<DeskAnswer<StandingModel>> PromoteAsync(string model, bool overriding) => bench.Models.PromoteAsync(model, false, overriding, "anna", "sorted by hand", Cancellation);

    private async Task<string?> AddAsync(string sample) => (await bench.MustCatch.AddAsync(sample, "anna", "an escape", Cancellation)).Why;

    private async Task ListAsync(int number, float[] embedding)
    {
        await bench.KeepAsync(number, $"p{number}", embedding);
        await bench.Labels.LabelAsync($"1-{number}", "scratch", "anna", Cancellation);
        Assert.Null(await AddAsync($"1-{number}"));
    }
}
