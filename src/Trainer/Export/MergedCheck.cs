using System.Globalization;
using Inference.Backbones;
using Inference.Heads;
using Inference.Packages;
using Inference.Runtime;
using Inference.Slots;
using Microsoft.ML.OnnxRuntime;
using Trainer.Heads;

namespace Trainer.Export;

/// <summary>Holds a merged file against backbone and head as the appliance runs them.</summary>
internal static class MergedCheck
{
    /// <summary>Largest difference allowed in a probability, and in logits and distance relative to them: what another order of additions can make.</summary>
    public const float Tolerance = 1e-5f;

    /// <summary>Sides of the squares that the drawn pictures are made of: noise to flat areas.</summary>
    private static readonly int[] SquaresPx = [1, 2, 4, 8, 16, 32, 64, 4096];

    private static readonly RuntimeOptions OneThread = new() { Threads = 1, AllowAccelerator = false };

    /// <returns>The largest difference that was seen.</returns>
    /// <exception cref="TrainingRefusedException">The package fails its own canaries, or the merged file does not load or says something else than the pair.</exception>
    /// <exception cref="NetworkException">The backbone does not load.</exception>
    public static float Check(ModelPackage package, string backbonePath, byte[] merged)
    {
        var manifest = package.Manifest;
        using var backbone = BackboneSession.Load(backbonePath, manifest.Embedding.Preparation, OneThread);
        using var slot = new ModelSlot(backbone.Embedding, OneThread);
        var loaded = slot.Load(package);
        using var model = loaded.Model ?? throw new TrainingRefusedException($"{loaded.Reason} Nothing was written.");
        using var session = Open(merged);
        float worst = 0;
        foreach (var square in SquaresPx)
        {
            var picture = Draw(backbone.Info.WidthPx, backbone.Info.HeightPx, square);
            picture.CopyTo(backbone.InputBuffer);
            backbone.Run();
            worst = MathF.Max(worst, Difference(model.Head.Run(backbone.EmbeddingValues), session, picture, [1, backbone.Info.HeightPx, backbone.Info.WidthPx, 3]));
        }

        if (worst <= Tolerance) return worst;
        throw new TrainingRefusedException(string.Create(
            CultureInfo.InvariantCulture, $"The merged file differs by {worst:g2} from backbone and head (allowed {Tolerance:g2}); nothing was written. Report this with the model."));
    }

    private static InferenceSession Open(byte[] onnx)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        try
        {
            return new InferenceSession(onnx, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new TrainingRefusedException($"The merged file does not load: {e.Message} Nothing was written. Report this with the model.");
        }
    }

    // NaN stays NaN, and is refused.
    private static float Difference(HeadOutput expected, InferenceSession session, byte[] picture, long[] shape)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(picture, shape);
        using var run = new RunOptions();
        using var outputs = session.Run(run, [MergedGraph.Image], [input], ["logits", "probabilities", "distance"]);
        var logits = Largest(outputs[0].GetTensorDataAsSpan<float>(), expected.Logits);
        var probabilities = Largest(outputs[1].GetTensorDataAsSpan<float>(), expected.Probabilities);
        return MathF.Max(MathF.Max(logits, probabilities), Largest(outputs[2].GetTensorDataAsSpan<float>(), [expected.Distance]));
    }

    private static float Largest(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        float worst = 0;
        for (var i = 0; i < actual.Length; i++) worst = MathF.Max(worst, MathF.Abs(actual[i] - expected[i]) / MathF.Max(1, MathF.Abs(expected[i])));
        return worst;
    }

    private static byte[] Draw(int widthPx, int heightPx, int squarePx)
    {
        var random = new Random(squarePx);
        var across = (widthPx + squarePx - 1) / squarePx;
        var colours = new byte[across * ((heightPx + squarePx - 1) / squarePx) * 3];
        random.NextBytes(colours);
        var picture = new byte[widthPx * heightPx * 3];
        for (var i = 0; i < picture.Length; i++)
        {
            var (pixel, channel) = (i / 3, i % 3);
            picture[i] = colours[((pixel / widthPx / squarePx * across) + (pixel % widthPx / squarePx)) * 3 + channel];
        }

        return picture;
    }
}
