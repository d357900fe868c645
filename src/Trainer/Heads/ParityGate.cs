using Inference.Heads;
using Inference.Runtime;

namespace Trainer.Heads;

/// <summary>The written head, run by ONNX Runtime, must say what TorchSharp says; else nothing is written.</summary>
internal static class ParityGate
{
    /// <summary>Largest difference allowed in a probability, and in the distance relative to it.</summary>
    public const double Tolerance = 1e-4;

    private const int MostSamples = 500;

    /// <exception cref="TrainingRefusedException">They differ.</exception>
    public static void Check(TrainingSet set, TrainedHead head, HeadSession session)
    {
        var step = Math.Max(1, head.Labelled.Count / MostSamples);
        for (var i = 0; i < head.Labelled.Count; i += step)
        {
            var output = session.Run(set.Row(head.Labelled[i]));
            var worst = Math.Abs(output.Distance - head.Distances[i]) / Math.Max(1, head.Distances[i]);
            for (var c = 0; c < head.Classes.Count; c++) worst = Math.Max(worst, Math.Abs(output.Probabilities[c] - head.Probabilities[i][c]));
            if (!(worst <= Tolerance))
                throw new TrainingRefusedException(
                    $"TorchSharp and ONNX Runtime disagree by {worst:g2} on sample {set.Samples[head.Labelled[i]].Sample} (allowed {Tolerance:g2}); no package was written. Report this with the job file.");
        }
    }

    /// <summary>Runs on the CPU with one thread: a head is kilobytes.</summary>
    public static HeadSession Open(byte[] onnx, int embeddingLength, int classCount) =>
        HeadSession.Load(onnx, embeddingLength, classCount, new RuntimeOptions { Threads = 1, AllowAccelerator = false });
}
