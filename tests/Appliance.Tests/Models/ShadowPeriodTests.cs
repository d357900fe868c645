using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Models;
using Appliance.Models.Shadows;
using Appliance.Tests.Hosting;
using Inference.Decisions;
using static Appliance.Tests.Hosting.TestModel;

namespace Appliance.Tests.Models;

public sealed class ShadowPeriodTests : IAsyncLifetime
{
    private static readonly ShadowTerms Ten = new(10, null, false);
    private readonly StationBench bench = new();
    private ulong sequence;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ShadowEnded Ended => bench.Journal.ReadFacts().OfType<ShadowEnded>().Last();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Look_UntilSoManyInspections_CountsAndListsWhereTheyDifferAndWaitsForAPerson()
    {
        var (live, candidate) = await BeginAsync(Ten);
        // Both say NG; the candidate's policy leaves red to a person.
        for (var i = 0; i < 8; i++) Look(Verdict.Ng, "scratch", Colour(0, 1, 0));
        Look(Verdict.Ok, "ok", Colour(1, 0, 0));
        Look(Verdict.Ng, "dent", Colour(0, 1, 0));
        // Counted are those of the live model with its policy, and ten.
        bench.Shadow.Look(Message(Verdict.Ok, "ok") with { Policy = "another" }, Colour(1, 0, 0));
        Look(Verdict.Ok, "ok", Colour(1, 0, 0));
        var figures = bench.Shadow.Now!.Figures;
        Assert.Equal((10L, 8L, 0L), (figures.Judged, figures.Agreed, figures.Contradicted));
        Assert.Equal(new Dictionary<string, long> { ["NG to NG of another class"] = 1, ["OK to UNSURE"] = 1 }, figures.Changed);
        Assert.Equal(("1-10", Verdict.Ng, "dent", "scratch"), (figures.Newest[0].Inspection, figures.Newest[0].Live, figures.Newest[0].LiveClass, figures.Newest[0].CandidateClass));
        Assert.Equal(("1-9", Verdict.Ok, Verdict.Unsure), (figures.Newest[1].Inspection, figures.Newest[1].Live, figures.Newest[1].Candidate));
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Null(bench.Shadow.Now);
        Assert.Equal((candidate, "over", 10L), (Ended.Model, Ended.Outcome, Ended.Figures.Judged));
        Assert.Contains($"A person decides: 'appliance models promote {candidate[..12]}'", Ended.Reason, StringComparison.Ordinal);
        Assert.Equal(live, bench.Live.Current!.Model);
        Assert.Equal(Ended.Figures.Newest, bench.Shadow.Page.Ended[0].Figures.Newest);
    }

    [Theory]
    [InlineData(0, "promoted")]
    [InlineData(1, "over")]
    public async Task Step_AtTheEndOfOneThatPromotes_GoesLiveOnlyWithFewContradictions(int contradictions, string outcome)
    {
        bench.Options.Training.ShadowLeast = 20;
        var (live, candidate) = await BeginAsync(new(0, TimeSpan.FromHours(1), true));
        for (var i = 0; i < 20; i++) Look(i < contradictions ? Verdict.Ok : Verdict.Ng, "scratch", Colour(0, 1, 0));
        await bench.Shadow.StepAsync(Cancellation);
        Assert.NotNull(bench.Shadow.Now);
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Equal((outcome, (long)contradictions), (Ended.Outcome, Ended.Figures.Contradicted));
        Assert.Equal(contradictions == 0 ? candidate : live, bench.Live.Current!.Model);
        if (contradictions == 0) Assert.Contains("after its shadow period: 20 inspections judged by both", bench.Live.Current.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_AfterAnEndUnderAClockThatWasSetBack_BeginsNothingAnew()
    {
        await BeginAsync(Ten);
        bench.Time.AdjustTime(bench.Time.GetUtcNow() - TimeSpan.FromDays(300));
        Assert.Null((await bench.Shadow.DismissAsync("anna", "no need", Cancellation)).Why);
        await bench.RestartAsync();
        await bench.Live.RestoreAsync(Cancellation);
        await bench.Shadow.RestoreAsync(Cancellation);
        Assert.Null(bench.Shadow.Now);
        Assert.Equal("dismissed", bench.Shadow.Page.Ended[0].Outcome);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99)]
    public async Task Step_AtTheEndOfItsTimeWithTooFewInspections_DoesNotGoLiveByItself(int inspections)
    {
        var (live, _) = await BeginAsync(new(0, TimeSpan.FromHours(1), true));
        for (var i = 0; i < inspections; i++) Look(Verdict.Ng, "scratch", Colour(0, 1, 0));
        bench.Time.Advance(TimeSpan.FromHours(2));
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Equal(("over", live, (long)inspections), (Ended.Outcome, bench.Live.Current!.Model, Ended.Figures.Judged));
        Assert.Contains("it goes live by itself after 100 at least (Training:ShadowLeast). A person decides", Ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_AtTheEndOfAsManyInspectionsAsWereAskedFor_GoesLiveHoweverFewTheyAre()
    {
        var (_, candidate) = await BeginAsync(new(3, TimeSpan.FromHours(1), true));
        for (var i = 0; i < 3; i++) Look(Verdict.Ng, "scratch", Colour(0, 1, 0));
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Equal(("promoted", candidate), (Ended.Outcome, bench.Live.Current!.Model));
    }

    [Fact]
    public async Task Step_WhenTheMustCatchListCannotBeRead_TriesAgainAndHarmsNothing()
    {
        await bench.KeepAsync(1, "escaped", Colour(0, 1, 0));
        await bench.Labels.LabelAsync("1-1", "scratch", "anna", Cancellation);
        Assert.Null((await bench.MustCatch.AddAsync("1-1", "anna", "came back", Cancellation)).Why);
        var (live, candidate) = await BeginAsync(new(1, null, true));
        Look(Verdict.Ng, "scratch", Colour(0, 1, 0));
        var sound = await File.ReadAllBytesAsync(bench.EmbeddingFile, Cancellation);
        await File.WriteAllTextAsync(bench.EmbeddingFile, "nothing of the kind", Cancellation);
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Equal((live, candidate), (bench.Live.Current!.Model, bench.Shadow.Now!.Begun.Model));
        await File.WriteAllBytesAsync(bench.EmbeddingFile, sound, Cancellation);
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Equal(("promoted", candidate), (Ended.Outcome, bench.Live.Current.Model));
    }

    [Fact]
    public async Task Restore_AfterARestart_GoesOnCountingFromWhatWasSaved()
    {
        var (_, candidate) = await BeginAsync(Ten);
        for (var i = 0; i < 4; i++) Look(Verdict.Ng, "scratch", Colour(0, 1, 0));
        await bench.Shadow.StepAsync(Cancellation);
        // Not saved: a killed process counts these no more.
        Look(Verdict.Ng, "scratch", Colour(0, 1, 0));
        await RestartAsync();
        Assert.Equal((candidate, 4L, 4L), (bench.Shadow.Now!.Begun.Model, bench.Shadow.Now.Figures.Judged, bench.Shadow.Now.Figures.Agreed));
        for (var i = 0; i < 6; i++) Look(Verdict.Ng, "scratch", Colour(0, 1, 0));
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Equal(("over", 10L), (Ended.Outcome, Ended.Figures.Judged));
        await RestartAsync();
        Assert.Null(bench.Shadow.Now);
        Assert.False(File.Exists(Path.Combine(bench.Options.StateDirectory, "shadow.json")));
    }

    [Fact]
    public async Task Restore_FiguresThatAreDamagedOrGone_BeginAnew()
    {
        await BeginAsync(Ten);
        Look(Verdict.Ng, "scratch", Colour(0, 1, 0));
        await bench.Shadow.StepAsync(Cancellation);
        await File.WriteAllTextAsync(Path.Combine(bench.Options.StateDirectory, "shadow.json"), "{\"schema\":1,", Cancellation);
        await RestartAsync();
        Assert.Equal(0, bench.Shadow.Now!.Figures.Judged);
    }

    [Fact]
    public async Task Restore_ACandidateThatIsBroken_EndsThePeriodWithTheReason()
    {
        var (live, candidate) = await BeginAsync(Ten);
        await File.AppendAllTextAsync(Path.Combine(bench.Options.StateDirectory, "models", candidate, "head.onnx"), "x", Cancellation);
        await RestartAsync();
        Assert.Null(bench.Shadow.Now);
        Assert.Equal("failed", Ended.Outcome);
        Assert.Contains("altered", Ended.Reason, StringComparison.Ordinal);
        Assert.Equal(live, bench.Live.Current!.Model);
    }

    [Fact]
    public async Task Promote_SomethingElse_EndsThePeriodAsOvertaken()
    {
        await BeginAsync(Ten);
        var third = bench.AddModel(3);
        Assert.Null(await bench.Live.PromoteAsync(third, "bert", "in a hurry", Cancellation));
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Equal("overtaken", Ended.Outcome);
        Assert.Contains("bert made model " + third[..12], Ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promote_TheCandidate_EndsThePeriodAsPromoted()
    {
        var (_, candidate) = await BeginAsync(Ten);
        Assert.Null((await bench.Models.PromoteAsync(candidate, true, false, "bert", "seen enough", Cancellation)).Why);
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Equal(("promoted", "bert"), (Ended.Outcome, Ended.By));
    }

    [Fact]
    public async Task Look_AHeadThatGivesNoAnswer_EndsThePeriodAndNothingElse()
    {
        var (live, _) = await BeginAsync(Ten);
        Look(Verdict.Ng, "scratch", [float.NaN, 0, 0, 0, 0, 0]);
        Look(Verdict.Ng, "scratch", Colour(0, 1, 0));
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Equal(("failed", 0L), (Ended.Outcome, Ended.Figures.Judged));
        Assert.Contains("gave no answer to 1-1: not-a-number", Ended.Reason, StringComparison.Ordinal);
        Assert.Equal(live, bench.Slot.CurrentId);
    }

    [Fact]
    public async Task Look_AHeadWhoseRunFails_EndsThePeriodWithTheReason()
    {
        var (live, _) = await BeginFailingAsync(Ten);
        Look(Verdict.Ng, "scratch", Colour(0, 1, 0));
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Equal(("failed", 0L, live), (Ended.Outcome, Ended.Figures.Judged, bench.Slot.CurrentId));
        Assert.Contains("its head failed at 1-1: ", Ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_AHeadThatFailsOnAMustCatchSample_EndsThePeriodWithTheReason()
    {
        var (live, candidate) = await BeginFailingAsync(new(1, null, true));
        await bench.KeepAsync(1, "escaped", Colour(0, 1, 0));
        await bench.Labels.LabelAsync("1-1", "scratch", "anna", Cancellation);
        Assert.Null((await bench.MustCatch.AddAsync("1-1", "anna", "came back", Cancellation)).Why);
        Look(Verdict.Ok, "ok", Colour(1, 0, 0));
        await bench.Shadow.StepAsync(Cancellation);
        Assert.Equal(("over", live), (Ended.Outcome, bench.Slot.CurrentId));
        Assert.Contains($"It did not go live: Model {candidate}: its head failed on the must-catch samples: ", Ended.Reason, StringComparison.Ordinal);
        // Neither by a person's word, nor as another candidate.
        Assert.Contains("its head failed", await bench.Live.PromoteAsync(candidate, "anna", "x", Cancellation), StringComparison.Ordinal);
        Assert.Contains("its head failed", (await ShadowAsync(candidate)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Begin_WhatCannotBe_IsRefusedWithTheReason()
    {
        var model = bench.AddModel(1);
        Assert.Contains("no live model", (await ShadowAsync(model)).Why, StringComparison.Ordinal);
        await bench.Live.PromoteAsync(model, "anna", "first", Cancellation);
        Assert.Contains("is live already", (await ShadowAsync(model)).Why, StringComparison.Ordinal);
        Assert.Equal(DeskRefusal.Missing, (await ShadowAsync(new string('0', 64))).Kind);
        Assert.NotNull((await ShadowAsync(bench.AddModel(2))).Value);
        Assert.Contains("is in its shadow period since", (await ShadowAsync(bench.AddModel(3))).Why, StringComparison.Ordinal);
        var ended = (await bench.Shadow.DismissAsync("bert", "passes stains", Cancellation)).Value!;
        Assert.Equal(("dismissed", "bert", "passes stains"), (ended.Outcome, ended.By, ended.Reason));
        Assert.Contains("No model is in its shadow period", (await bench.Shadow.DismissAsync("bert", "again", Cancellation)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_WithoutAPeriod_AllocatesNothing()
    {
        await bench.Live.PromoteAsync(bench.AddModel(1), "anna", "first", Cancellation);
        var (message, embedding) = (Message(Verdict.Ng, "scratch"), Colour(0, 1, 0));
        bench.Shadow.Look(message, embedding);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) bench.Shadow.Look(message, embedding);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private Task<DeskAnswer<ShadowView>> ShadowAsync(string model) => bench.Models.ShadowAsync(model, true, Ten, "anna", "x", Cancellation);

    /// <summary>A live model, and a candidate whose policy passes nothing that is red.</summary>
    private async Task<(string Live, string Candidate)> BeginAsync(ShadowTerms terms)
    {
        var (live, candidate) = (bench.AddModel(1), bench.Store.Read(bench.AddModel(2)));
        await bench.Live.PromoteAsync(live, "anna", "first", Cancellation);
        var strict = candidate.With(candidate.Policy with { Thresholds = new Dictionary<string, double> { ["ok"] = 1, ["scratch"] = 0.5 } });
        Assert.Null((await bench.Shadow.BeginAsync(strict, bench.Live.Current!, terms, "anna", "new lamp", Cancellation)).Why);
        return (live, candidate.ModelId);
    }

    /// <summary>A live model, and a candidate whose head fails on what is green.</summary>
    private async Task<(string Live, string Candidate)> BeginFailingAsync(ShadowTerms terms)
    {
        var (live, candidate) = (bench.AddModel(1), bench.AddFailingModel());
        await bench.Live.PromoteAsync(live, "anna", "first", Cancellation);
        Assert.Null((await bench.Shadow.BeginAsync(bench.Store.Read(candidate), bench.Live.Current!, terms, "anna", "new lamp", Cancellation)).Why);
        return (live, candidate);
    }

    private async Task RestartAsync()
    {
        await bench.RestartAsync();
        await bench.Live.RestoreAsync(Cancellation);
        await bench.Shadow.RestoreAsync(Cancellation);
    }

    private void Look(Verdict verdict, string name, float[] embedding) => bench.Shadow.Look(Message(verdict, name), embedding);

    private VerdictMessage Message(Verdict verdict, string name) => new()
    {
        Station = "s1", Epoch = 1, Sequence = ++sequence, Camera = "c1", Part = "p", Recipe = "r", GrabbedAt = DateTimeOffset.UnixEpoch, LatencyMs = new(0, 0, 0, 0, 0),
        Verdict = verdict, Class = name, Reason = Reasons.Confident, Model = bench.Live.Current!.Model, Policy = bench.Live.Current.Policy,
    };
}
