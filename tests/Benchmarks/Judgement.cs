using Inference.Backbones;
using Inference.Decisions;
using Inference.Heads;
using Inference.Preparation;
using Inference.Runtime;
using OpenCvSharp;

namespace Benchmarks;

/// <summary>The part of the journey that Inference owns: prepare, backbone, head, decide.</summary>
internal sealed class Judgement : IDisposable
{
    private readonly BackboneSession backbone;
    private readonly ImagePreparer preparer;
    private readonly HeadSession head;
    private readonly PolicyDecider decider = BenchmarkHead.Decider();
    private readonly Mat picture;

    /// <param name="backbone">Shared by the judgements of a benchmark, as by the cameras of a station; stays the caller's.</param>
    public Judgement(BackboneSession backbone, RuntimeOptions options, Size sourceSize)
    {
        this.backbone = backbone;
        preparer = new ImagePreparer(backbone.Embedding.Preparation);
        head = BenchmarkHead.Load(backbone.Embedding, options);
        picture = new Mat(sourceSize, MatType.CV_8UC3);
        Cv2.Randu(picture, Scalar.All(0), Scalar.All(256));
    }

    public void Prepare()
    {
        var result = preparer.Prepare(picture, backbone.InputBuffer);
        if (!result.Succeeded) throw new BenchmarkException(result.Detail!);
    }

    public void RunBackbone() => backbone.Run();

    public Decision HeadAndDecide()
    {
        var output = head.Run(backbone.EmbeddingValues);
        return decider.Decide(output.Probabilities, output.Distance);
    }

    public void Judge()
    {
        Prepare();
        RunBackbone();
        HeadAndDecide();
    }

    public void Dispose()
    {
        picture.Dispose();
        head.Dispose();
        preparer.Dispose();
    }
}
