using Appliance.Journal;
using Appliance.Samples;
using Appliance.Tests.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Tests.Samples;

public sealed class RetentionTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly StationBench bench = new();
    private readonly RetentionOptions options = new();

    private string Pictures => SampleFiles.Pictures(bench.Options.StateDirectory);

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Pass_ByAge_GivesUpWhatIsOlderAndHasNoLabel()
    {
        options.MaxAge = TimeSpan.FromDays(90);
        for (var i = 1; i <= 6; i++) await KeepAsync(i, "verdict", ageDays: i <= 4 ? 100 : 10);
        await LabelAsync("1-2");
        await PassAsync();
        Assert.Equal(["1-2", "1-5", "1-6"], Left());
        Assert.Equal(3, Files());
        await bench.RestartAsync();
        Assert.Equal(["1-2", "1-5", "1-6"], Left());
    }

    [Fact]
    public async Task Pass_ByCount_TakesAuditsThenOthersAndLabelledOnesOnlyWhereTheyMay()
    {
        options.MaxSamples = 3;
        for (var i = 1; i <= 8; i++) await KeepAsync(i, i % 2 == 0 ? "audit" : "verdict");
        await LabelAsync("1-1");
        await LabelAsync("1-2");
        await PassAsync();
        Assert.Equal(["1-1", "1-2", "1-7"], Left());
        options.MaxSamples = 1;
        await PassAsync();
        Assert.Equal(["1-1", "1-2"], Left());
        Assert.Contains("Retention:GiveUpLabelled", Plan().Exceeded(), StringComparison.Ordinal);
        options.GiveUpLabelled = true;
        await PassAsync();
        Assert.Equal("1-2", Assert.Single(Left()));
        Assert.Null(Plan().Exceeded());
        Assert.Equal(1, Files());
        Assert.All(bench.Journal.ReadFacts().OfType<SamplesDeleted>(), f => Assert.Contains("samples", f.Why, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pass_ByBytes_CountsASharedPictureOnceAndDeletesItWithTheLast()
    {
        for (var i = 1; i <= 4; i++) await KeepAsync(i, "verdict", content: 7);
        await KeepAsync(5, "verdict", content: 8);
        Assert.Equal((5, 200L), bench.Index.Size());
        options.MaxPictureBytes = 150;
        await PassAsync(step: 1);
        Assert.Equal("1-5", Assert.Single(Left()));
        Assert.Equal((1, 1, 100L), (Files(), bench.Index.Size().Samples, bench.Index.Size().PictureBytes));
    }

    [Fact]
    public async Task Pass_ProtectedSamples_StayWhateverTheLimitsSay()
    {
        (options.MaxSamples, options.MaxAge, options.GiveUpLabelled) = (1, TimeSpan.FromDays(1), true);
        for (var i = 1; i <= 5; i++) await KeepAsync(i, "audit", ageDays: 50);
        await LabelAsync("1-4");
        await PassAsync(isProtected: s => s is "1-1" or "1-4");
        Assert.Equal(["1-1", "1-4"], Left());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GiveUp_WhatWasLabelledOrListedSinceItWasChosen_Stays(bool giveUpLabelled)
    {
        (options.MaxAge, options.GiveUpLabelled) = (TimeSpan.FromDays(1), giveUpLabelled);
        for (var i = 1; i <= 4; i++) await KeepAsync(i, "verdict", ageDays: 50);
        var listed = "";
        var plan = Plan(s => s == listed);
        var (chosen, _) = plan.Next(Now, 100);
        Assert.Equal(4, chosen.Count);
        await LabelAsync("1-2");
        listed = "1-3";
        Assert.Equal(["1-1", "1-4"], (await GiveUpAsync(plan, chosen)).Select(s => s.Id));
        Assert.Equal(["1-2", "1-3"], Left());
        Assert.Empty(await GiveUpAsync(plan, chosen));
        Assert.Equal(["1-1", "1-4"], Assert.Single(bench.Journal.ReadFacts().OfType<SamplesDeleted>()).Samples);
    }

    [Fact]
    public async Task GiveUp_WhileOthersLabel_TakesNoLabelThatWasAcknowledged()
    {
        options.MaxAge = TimeSpan.FromDays(1);
        for (var i = 1; i <= 20; i++) await KeepAsync(i, "verdict", ageDays: 50);
        var plan = Plan();
        var (chosen, _) = plan.Next(Now, 100);
        var labelling = Task.WhenAll(chosen.Select(s => bench.Labels.LabelAsync(s.Id, "scratch", "anna", TestContext.Current.CancellationToken)));
        var going = GiveUpAsync(plan, chosen);
        var labelled = (await labelling).Where(a => a.Fact is not null).Select(a => a.Fact!.Sample).ToList();
        await going;
        Assert.Equal(labelled.Order(StringComparer.Ordinal), Left().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Rebuild_AfterPicturesWereDeleted_DoomsOnlyThoseThatAreStillThere()
    {
        options.MaxSamples = 1;
        for (var i = 1; i <= 4; i++) await KeepAsync(i, "verdict");
        await PassAsync();
        // Given up, and killed before its picture went.
        options.MaxSamples = 0;
        options.MaxAge = TimeSpan.FromHours(1);
        var (chosen, _) = Plan().Next(Now, 1);
        await GiveUpAsync(Plan(), chosen);
        var rebuilder = new IndexRebuilder(bench.PathOf("anew/samples.db"), NullLogger.Instance, isThere: SampleFiles.IsThere(bench.Options.StateDirectory));
        using var anew = rebuilder.Rebuild(bench.Journal.ReadFacts(), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(SampleRow.Picture(chosen[0].Kept), Assert.Single(anew.Doomed(10)));
    }

    [Fact]
    public async Task Pass_AnOldImport_DoesNotHideWhatIsOldBehindIt()
    {
        options.MaxAge = TimeSpan.FromDays(90);
        await KeepAsync(1, "import", ageDays: 5, epoch: 0);
        await KeepAsync(2, "verdict", ageDays: 100);
        await PassAsync();
        Assert.Equal("0-1", Assert.Single(Left()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pass_CutOffAtAnyOperation_IsFinishedByTheNextStartAndIndexAndFilesAgree(bool torn)
    {
        options.MaxSamples = 2;
        for (var failAt = 1; ; failAt++)
        {
            var first = await RefillAsync(failAt);
            var from = bench.Files.Operations;
            (bench.Files.TornWrites, bench.Files.KeepFailing, bench.Files.FailAt) = (torn, true, from + failAt);
            try
            {
                bench.Journal.StopWaiting();
                await PassAsync(step: 3);
            }
            catch (Exception e) when (e is IOException or JournalException or IndexUnavailableException)
            {
                // Killed: nothing that came after it was done.
            }

            var reached = bench.Files.Operations - from >= failAt;
            // What a kill leaves: nothing is closed in order on a disk that takes nothing.
            await CloseBrokenAsync();
            CheckAfterTheKill($"operation {failAt}");
            await PassAsync();
            Assert.Equal(2, bench.Index.Size().Samples);
            Assert.Equal(2, Files());
            Assert.True(JournalVerifier.Verify(bench.Options.StateDirectory).IsIntact);
            if (!reached) return;
            Assert.True(failAt < 500, $"{first}: it does not end");
        }
    }

    private async Task CloseBrokenAsync()
    {
        bench.Files.FailWhen = (_, _) => true;
        try
        {
            await bench.RestartAsync();
        }
        catch (Exception e) when (e is IOException or JournalException or UnauthorizedAccessException)
        {
            // It does not start on that disk either.
        }

        bench.Files.FailWhen = null;
        (bench.Files.FailAt, bench.Files.KeepFailing, bench.Files.TornWrites) = (0, false, false);
        bench.Reopen();
    }

    // Before anything goes on: what the index has, is on disk.
    private void CheckAfterTheKill(string when)
    {
        var pictures = new PictureStore(bench.Files, Pictures);
        foreach (var sample in bench.Index.Latest(1000)) Assert.True(File.Exists(pictures.PathOf(sample.Kept.Picture, sample.Kept.Extension)), $"{when}: picture of {sample.Id}");
        var facts = bench.Journal.ReadFacts().ToList();
        var deleted = facts.OfType<SamplesDeleted>().SelectMany(f => f.Samples).ToHashSet();
        Assert.Equal(facts.OfType<SampleKept>().Select(k => k.Sample).Where(s => !deleted.Contains(s)).Order(StringComparer.Ordinal), Left().Order(StringComparer.Ordinal));
    }

    private async Task<string> RefillAsync(int round)
    {
        for (var i = 1; i <= 6; i++) await KeepAsync((round * 10) + i, "verdict", content: (byte)(round * 10 + i));
        return $"round {round}";
    }

    private RetentionPlan Plan(IsProtected? isProtected = null) => new(options, bench.Index, isProtected ?? (_ => false));

    private async Task PassAsync(int step = 100, IsProtected? isProtected = null)
    {
        var plan = Plan(isProtected);
        while (true)
        {
            while ((await bench.Samples.SweepAsync(step, TestContext.Current.CancellationToken)).Files > 0)
            {
            }

            var (samples, why) = plan.Next(Now, step);
            if (samples.Count == 0) return;
            await GiveUpAsync(plan, samples, why);
        }
    }

    private Task<IReadOnlyList<SampleDocument>> GiveUpAsync(RetentionPlan plan, IReadOnlyList<SampleDocument> samples, string why = "a test") =>
        bench.Samples.GiveUpAsync(samples, plan.MayGo, ids => new(ids, "retention", why) { At = Now }, TestContext.Current.CancellationToken);

    private async Task KeepAsync(int number, string why, int ageDays = 1, byte? content = null, uint epoch = 1)
    {
        var bytes = new byte[100];
        bytes[0] = content ?? (byte)number;
        bytes[1] = (byte)(number >> 8);
        if (content is not null && number < 100) bytes[1] = 0;
        await bench.KeepPictureAsync(new(epoch, (ulong)number), bytes, part: null, why, Now.AddDays(-ageDays));
    }

    private async Task LabelAsync(string sample) => Assert.Null((await bench.Labels.LabelAsync(sample, "scratch", "anna", TestContext.Current.CancellationToken)).Refusal);

    private List<string> Left() => [.. bench.Index.After(null, 1000).Select(s => s.Id)];

    private int Files() => Directory.Exists(Pictures) ? Directory.GetFiles(Pictures, "*.png", SearchOption.AllDirectories).Length : 0;
}
