using Appliance.Capture;
using Appliance.Inspection;
using Appliance.Tests.Hosting;
using Inference.Backbones;
using Inference.Decisions;
using Inference.Runtime;
using Inference.Slots;
using OpenCvSharp;

namespace Appliance.Tests.Inspection;

public sealed class JudgeTests : IAsyncLifetime
{
    private readonly StationBench bench = new();
    private readonly Judge judge;

    public JudgeTests() => judge = new Judge(bench.Backbone, bench.Slot, TimeProvider.System);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        judge.Dispose();
        await bench.DisposeAsync();
    }

    [Fact]
    public void Look_WithoutAModel_IsUnsureWithTheEmbedding()
    {
        var judgement = Look(Paint.Red);
        Assert.Equal((Verdict.Unsure, Reasons.NoModel, null), (judgement.Decision.Verdict, judgement.Decision.Reason, judgement.Model));
        Assert.True(judgement.HasEmbedding);
        Assert.Equal(TestModel.Colour(1, 0, 0), judge.Embedding.ToArray());
        Assert.True(judgement is { PrepareMs: > 0, BackboneMs: > 0 });
    }

    [Theory]
    [InlineData(Paint.Red, Verdict.Ok, "ok", Reasons.Confident)]
    [InlineData(Paint.Green, Verdict.Ng, "scratch", Reasons.Confident)]
    [InlineData(Paint.Blue, Verdict.Unsure, null, Reasons.TooClose)]
    [InlineData(Paint.White, Verdict.Unsure, null, Reasons.Unseen)]
    public async Task Look_WithAModel_IsWhatItsHeadAndPolicySay(Paint paint, Verdict verdict, string? name, string reason)
    {
        var model = bench.AddModel();
        await bench.Live.PromoteAsync(model, "anna", "first", TestContext.Current.CancellationToken);
        var judgement = Look(paint);
        Assert.Equal((verdict, reason), (judgement.Decision.Verdict, judgement.Decision.Reason));
        if (name is not null) Assert.Equal(name, judgement.Decision.Class);
        Assert.Equal((model, bench.Live.Current!.Policy), (judgement.Model, judgement.Policy));
    }

    [Fact]
    public void Look_ABrokenPicture_IsFaultWithWhatIsWrongWithIt()
    {
        using var frame = new Frame(new Mat()) { Camera = "c1", Defect = "cut off after 12 bytes" };
        var judgement = judge.Look(frame);
        Assert.Equal((Verdict.Fault, Reasons.BadPicture, "cut off after 12 bytes"), (judgement.Decision.Verdict, judgement.Decision.Reason, judgement.Detail));
        Assert.False(judgement.HasEmbedding);
    }

    [Fact]
    public void Look_AnEmptyPicture_IsFault()
    {
        using var frame = new Frame(new Mat()) { Camera = "c1" };
        Assert.Equal(Verdict.Fault, judge.Look(frame).Decision.Verdict);
    }

    [Fact]
    public async Task Look_AfterABadPicture_JudgesTheNextOneAsIfThereHadBeenNone()
    {
        await bench.Live.PromoteAsync(bench.AddModel(), "anna", "first", TestContext.Current.CancellationToken);
        Look(Paint.Red);
        Look_AnEmptyPicture_IsFault();
        Assert.Equal("scratch", Look(Paint.Green).Decision.Class);
    }

    [Fact]
    public void Look_TheRealBackbone_GivesAFiniteEmbeddingThatDependsOnThePicture()
    {
        var path = Path.Combine(ApplianceProgram.RepositoryRoot, "out/trainer/backbones/efficientnet_lite0-320.onnx");
        Assert.SkipUnless(File.Exists(path) || Environment.GetEnvironmentVariable("CI") == "true", $"{path} is not built; building src/Trainer makes it.");
        using var backbone = BackboneSession.Load(path, null, new RuntimeOptions { Threads = 1 });
        using var slot = new ModelSlot(backbone.Embedding, new RuntimeOptions { Threads = 1 });
        using var real = new Judge(backbone, slot, TimeProvider.System);
        using var red = Paints.Frame(Paint.Red, new Size(640, 480));
        using var green = Paints.Frame(Paint.Green, new Size(640, 480));
        Assert.Equal(Reasons.NoModel, real.Look(red).Decision.Reason);
        var first = real.Embedding.ToArray();
        Assert.Equal(3168, first.Length);
        Assert.All(first, v => Assert.True(float.IsFinite(v)));
        real.Look(green);
        Assert.NotEqual(first, real.Embedding.ToArray());
    }

    private Judgement Look(Paint paint)
    {
        using var frame = Paints.Frame(paint);
        return judge.Look(frame);
    }
}
