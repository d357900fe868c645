using Appliance.Journal;
using Appliance.Samples;
using Appliance.Tests.Hosting;
using Testing.Files;

namespace Appliance.Tests.Samples;

public sealed class LabelDeskTests : IAsyncLifetime
{
    private readonly StationBench bench = new();

    public async ValueTask InitializeAsync()
    {
        await bench.KeepAsync(1);
        await bench.KeepAsync(2);
    }

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Label_ASample_IsAFactInTheIndexAndTold()
    {
        var told = 0;
        bench.Labels.Labelled += () => told++;
        var answer = await LabelAsync("1-1", "scratch");
        Assert.Equal(("scratch", null, "anna"), (answer.Fact!.Label, answer.Fact.Before, answer.Fact.By));
        Assert.Equal(answer.Fact, Assert.Single(bench.Journal.ReadFacts().OfType<SampleLabelled>()));
        Assert.Equal("scratch", bench.Index.ById("1-1")!.Label);
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task Label_Again_KeepsWhatWasSaidBefore()
    {
        await LabelAsync("1-1", "scratch", "anna");
        var answer = await LabelAsync("1-1", "ok", "bert");
        Assert.Equal("scratch", answer.Fact!.Before);
        var sample = bench.Index.ById("1-1")!;
        Assert.Equal(("ok", "bert"), (sample.Label, sample.LabelledBy));
        Assert.Equal(["scratch by anna", "ok by bert"], sample.History.Select(h => $"{h.Label} by {h.By}"));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  ", "empty")]
    [InlineData("a\nb", "control")]
    [InlineData("a\u0000", "control")]
    [InlineData("scr\u200batch", "invisible")]
    [InlineData(" scratch", "spaces at its ends")]
    [InlineData("scratch ", "spaces at its ends")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345", "65 characters")]
    public async Task Label_ATextThatIsNoName_IsRefusedForLabelAndPerson(string text, string why)
    {
        Assert.Contains(why, (await LabelAsync("1-1", text)).Refusal, StringComparison.Ordinal);
        Assert.Contains(why, (await LabelAsync("1-1", "ok", text)).Refusal, StringComparison.Ordinal);
        Assert.Empty(bench.Journal.ReadFacts().OfType<SampleLabelled>());
    }

    [Theory]
    [InlineData("1-3")]
    [InlineData("2-1")]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    public async Task Label_AnUnknownSample_IsMissing(string sample)
    {
        var answer = await LabelAsync(sample, "ok");
        Assert.True(answer.Missing);
        Assert.Null(answer.Fact);
    }

    [Fact]
    public async Task Label_AnotherClassByCaseOnly_IsRefused()
    {
        await LabelAsync("1-1", "scratch");
        var answer = await LabelAsync("1-2", "Scratch");
        Assert.Equal("'Scratch' differs from the class 'scratch' by case only. Use 'scratch'.", answer.Refusal);
        Assert.False(answer.Missing);
        Assert.Contains("'ok'", (await LabelAsync("1-2", "OK")).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Label_AMistakeInCase_CanBeMended()
    {
        await LabelAsync("1-1", "Scratch");
        Assert.NotNull((await LabelAsync("1-1", "scratch")).Fact);
        Assert.NotNull((await LabelAsync("1-2", "scratch")).Fact);
    }

    [Fact]
    public async Task Label_WhenTheDiskFails_IsNotAcknowledged()
    {
        bench.Files.FailWhen = (operation, path) => operation is FileOperation.Write or FileOperation.Sync && path.Contains("facts", StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalException>(() => LabelAsync("1-1", "ok"));
        Assert.Null(bench.Index.ById("1-1")!.Label);
        bench.Files.FailWhen = null;
    }

    private Task<LabelAnswer> LabelAsync(string sample, string label, string by = "anna") => bench.Labels.LabelAsync(sample, label, by, TestContext.Current.CancellationToken);
}
