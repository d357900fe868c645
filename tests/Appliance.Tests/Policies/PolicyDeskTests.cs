using Appliance.Policies;
using Appliance.Tests.Hosting;
using Inference.Decisions;
using Inference.Embeddings;
using static Appliance.Tests.Hosting.TestModel;

namespace Appliance.Tests.Policies;

public sealed class PolicyDeskTests : IAsyncLifetime
{
    private readonly StationBench bench = new();

    private static CancellationToken Cancellation => Until.Cancellation;

    private PolicyDesk Desk => new(bench.Live, bench.Index, bench.Backbone.Embedding, bench.Options.StateDirectory, TimeProvider.System);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public async Task Change_APolicy_IsLiveDurableAndGoneBackFrom()
    {
        var model = bench.AddModel();
        await bench.Live.PromoteAsync(model, "anna", "first", Cancellation);
        var first = bench.Live.Current!.Policy;
        var strict = Policy(0.9);
        Assert.Null(await Desk.ChangeAsync(strict, "bert", "an escape", Cancellation));
        Assert.Equal((model, PolicyFile.Id(strict), "bert", "policy: an escape"), (bench.Live.Current!.Model, bench.Live.Current.Policy, bench.Live.Current.By, bench.Live.Current.Why));
        using (var lease = bench.Slot.Lease()) Assert.Equal(PolicyFile.Id(strict), lease.Model.PolicyId);
        Assert.Contains("live already", await Desk.ChangeAsync(strict, "bert", "again", Cancellation), StringComparison.Ordinal);

        await bench.RestartAsync();
        await bench.Live.RestoreAsync(Cancellation);
        using (var lease = bench.Slot.Lease()) Assert.Equal(PolicyFile.Id(strict), lease.Model.PolicyId);
        Assert.Equal(0.9, Desk.Live()!.Policy.Thresholds["ok"]);

        Assert.Null(await bench.Live.RollbackAsync("anna", "overkill", Cancellation));
        Assert.Equal((model, first), (bench.Live.Current!.Model, bench.Live.Current.Policy));
    }

    [Fact]
    public async Task Change_AWrongPolicy_IsRefusedWithTheReason()
    {
        await bench.KeepAsync(1, "bad", Colour(0, 1, 0));
        await bench.Labels.LabelAsync("1-1", "scratch", "anna", Cancellation);
        Assert.Contains("no live model", await Desk.ChangeAsync(Policy(0.9), "anna", "x", Cancellation), StringComparison.Ordinal);
        // The only bad part is, by the fold that had not seen it, good with 0.8.
        await bench.Live.PromoteAsync(bench.AddModel(1, [Unseen("1-1", "bad", "scratch", 0.8f)]), "anna", "first", Cancellation);
        var live = bench.Live.Current!.Policy;
        Assert.Contains("'scratch' has no threshold", await Desk.ChangeAsync(new() { Thresholds = new Dictionary<string, double> { ["ok"] = 0.9 }, UnseenLimit = 2 }, "anna", "x", Cancellation), StringComparison.Ordinal);
        Assert.Contains("would pass all 1 labelled bad parts", await Desk.ChangeAsync(Policy(0.7), "anna", "x", Cancellation), StringComparison.Ordinal);
        Assert.Equal(live, bench.Live.Current!.Policy);
    }

    [Fact]
    public async Task Try_AStricterPolicy_NamesTheVerdictsThatChange()
    {
        // Red is ok, green is scratch; the second is ok by a little only.
        await bench.KeepAsync(1, "a", Colour(1, 0, 0));
        await bench.KeepAsync(2, "b", Colour(0.6f, 0.1f, 0));
        await bench.KeepAsync(3, "c", Colour(0, 1, 0));
        await bench.Live.PromoteAsync(bench.AddModel(1), "anna", "first", Cancellation);
        var before = bench.Live.Package()!;
        var (least, most) = (Probability(Colour(0.6f, 0.1f, 0)), Probability(Colour(1, 0, 0)));
        var (result, refusal) = Desk.Try(before.Policy with { Thresholds = Classes.ToDictionary(c => c, _ => (least + most) / 2.0) }, null, 10, Cancellation);
        Assert.Null(refusal);
        Assert.Equal((3L, 0L), (result!.Judged, result.Damaged));
        Assert.Equal(("OK to UNSURE", 1L), (Assert.Single(result.Changed).Key, result.Changed["OK to UNSURE"]));
        Assert.Equal(("1-2", "b", Verdict.Ok, Verdict.Unsure), (result.Newest[0].Sample, result.Newest[0].Part, result.Newest[0].Now, result.Newest[0].Then));
        Assert.Equal(0, Desk.Try(before.Policy, DateTimeOffset.UnixEpoch.AddDays(1), 10, Cancellation).Result!.Judged);
    }

    [Fact]
    public async Task Try_ManyRows_JudgesEachOnceAndPassesOverDamagedOnes()
    {
        const int rows = 1000;
        await bench.Live.PromoteAsync(bench.AddModel(1), "anna", "first", Cancellation);
        using (var writer = new EmbeddingFileWriter(bench.Files, bench.EmbeddingFile, bench.Backbone.Embedding))
        {
            for (var i = 0; i < rows; i++) writer.Append(1, (ulong)i + 1, i % 2 == 0 ? Colour(1, 0, 0) : Colour(0, 1, 0));
            writer.Sync();
        }

        using (var file = new FileStream(bench.EmbeddingFile, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Seek(-3, SeekOrigin.End);
            file.WriteByte(0xAA);
        }

        var (result, _) = Desk.Try(Policy(1), null, 5, Cancellation);
        Assert.Equal((rows - 1L, 1L), (result!.Judged, result.Damaged));
        Assert.Equal(rows - 1L, result.Changed.Values.Sum());
    }

    private float Probability(float[] embedding)
    {
        using var lease = bench.Slot.Lease();
        return lease.Model.Head.Run(embedding).Probabilities.ToArray().Max();
    }

    private static DecisionPolicy Policy(double threshold) => new() { Thresholds = Classes.ToDictionary(c => c, _ => threshold), UnsureBand = 0, UnseenLimit = 5 };
}
