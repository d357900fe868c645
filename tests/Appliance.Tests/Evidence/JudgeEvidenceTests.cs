using Appliance.Capture;
using Appliance.Inspection;
using Appliance.Tests.Hosting;
using Inference.Backbones;
using Inference.Decisions;
using Inference.Preparation;
using Inference.Runtime;
using Inference.Slots;
using OpenCvSharp;

namespace Appliance.Tests.Evidence;

/// <summary>Explains real judgements of the small backbone, whose map is the picture itself.</summary>
public sealed class JudgeEvidenceTests : IAsyncLifetime
{
    private static readonly RuntimeOptions OneThread = new() { Threads = 1 };
    private static readonly Scalar Green = new(0, 255, 0);
    private readonly StationBench bench = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => bench.DisposeAsync();

    [Fact]
    public void Explain_AnNgPicture_PointsAtItsSpotInPixelsOfThePicture()
    {
        var map = Explain(null, Verdict.Ng, f => Cv2.Rectangle(f, new Rect(50, 30, 10, 10), Green, -1))!;
        Assert.Equal(("scratch", "ok"), (map.Of, map.Against));
        Assert.Equal((55, 35), map.PeakPx);
        Assert.Equal(-0.5f, map.Bias);
        Assert.Equal(map.Score, map.Bias + map.Stages.Sum(s => s.Score), 1e-5f);
    }

    [Fact]
    public void Explain_ARegion_IsInPixelsOfTheWholePicture()
    {
        var map = Explain(new Region(16, 12, 40, 30), Verdict.Ng, f => Cv2.Rectangle(f, new Rect(26, 22, 5, 5), Green, -1))!;
        Assert.Equal(new Region(16, 12, 40, 30), map.Region);
        Assert.Equal((28.5, 24.5), map.PeakPx);
    }

    [Fact]
    public void Explain_UnlikeAnythingSeen_IsAboutTheDistance()
    {
        var map = Explain(null, Verdict.Unsure, f => f.SetTo(Scalar.All(255)), unseenLimit: 0.25)!;
        Assert.Equal((null, null, 0f), (map.Of, map.Against, map.Bias));
        Assert.True(map.Score > 0.25 * 0.25);
    }

    [Fact]
    public void Explain_AnOkPictureOrAHeadOfAnotherForm_IsNothing()
    {
        Assert.Null(Explain(null, Verdict.Ok, f => f.SetTo(new Scalar(0, 0, 255))));
        using var slot = new ModelSlot(bench.Backbone.Embedding, OneThread);
        slot.Publish(slot.Load(bench.Store.Read(bench.AddModel())).Model!);
        using var judge = new Judge(bench.Backbone, slot, TimeProvider.System);
        using var frame = new Frame(new Mat(6, 8, MatType.CV_8UC3, Green)) { Camera = "c1" };
        Assert.Equal(Verdict.Ng, judge.Look(frame).Decision.Verdict);
        Assert.Null(judge.Explain(frame));
    }

    [Fact]
    public void Explain_AfterABrokenPicture_IsNothing()
    {
        using var slot = new ModelSlot(bench.Backbone.Embedding, OneThread);
        slot.Publish(slot.Load(bench.Store.Read(bench.AddLinearModel())).Model!);
        using var judge = new Judge(bench.Backbone, slot, TimeProvider.System);
        using var good = new Frame(new Mat(6, 8, MatType.CV_8UC3, Green)) { Camera = "c1" };
        using var broken = new Frame(new Mat()) { Camera = "c1" };
        judge.Look(good);
        Assert.NotNull(judge.Explain(good));
        judge.Look(broken);
        Assert.Null(judge.Explain(broken));
    }

    private static Inference.Evidence.EvidenceMap? Explain(Judge judge, Frame frame, Verdict expected)
    {
        var decision = judge.Look(frame).Decision;
        Assert.True(decision.Verdict == expected, decision.ToString());
        return judge.Explain(frame);
    }

    // A picture of 80 x 60 pixels, dark but for what is painted.
    private Inference.Evidence.EvidenceMap? Explain(Region? region, Verdict expected, Action<Mat> paint, double unseenLimit = 2)
    {
        using var backbone = BackboneSession.LoadForRegion(TestModel.Fixture("backbone"), region, OneThread);
        using var slot = new ModelSlot(backbone.Embedding, OneThread);
        var package = TestModel.Write(bench.PathOf(Guid.NewGuid().ToString("n")), backbone.Embedding, fixture: TestModel.Linear, unseenLimit: unseenLimit);
        slot.Publish(slot.Load(Inference.Packages.PackageReader.Read(package)).Model!);
        using var judge = new Judge(backbone, slot, TimeProvider.System);
        using var frame = new Frame(new Mat(60, 80, MatType.CV_8UC3, Scalar.All(0)), f => f.Picture.Dispose()) { Camera = "c1" };
        paint(frame.Picture);
        return Explain(judge, frame, expected);
    }
}
