using System.Runtime.InteropServices;
using Inference.Heads;
using Inference.Packages;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Slots;

/// <summary>Real embeddings with known answers: a head that answers otherwise on this machine must not judge.</summary>
internal static class Canaries
{
    private const float ProbabilityTolerance = 1e-3f;
    private const float DistanceTolerance = 1e-3f;

    /// <summary>Why the head is refused, or null.</summary>
    public static string? Refuse(HeadSession head, ModelManifest manifest)
    {
        var embedding = new float[head.EmbeddingLength];
        for (var i = 0; i < manifest.Canaries.Count; i++)
        {
            var canary = manifest.Canaries[i];
            var halves = MemoryMarshal.Cast<byte, Half>(Convert.FromBase64String(canary.Embedding));
            for (var j = 0; j < embedding.Length; j++) embedding[j] = (float)halves[j];
            HeadOutput output;
            try
            {
                output = head.Run(embedding);
            }
            catch (OnnxRuntimeException e)
            {
                return $"canary {i} cannot be run: {e.Message}";
            }

            for (var c = 0; c < manifest.Classes.Count; c++)
                if (!(Math.Abs(output.Probabilities[c] - canary.Probabilities[c]) <= ProbabilityTolerance))
                    return FormattableString.Invariant($"canary {i} gives '{manifest.Classes[c]}' {output.Probabilities[c]}, expected is {canary.Probabilities[c]}. The package was made for another program, or is damaged.");
            if (!(Math.Abs(output.Distance - canary.Distance) <= DistanceTolerance * Math.Max(1, Math.Abs(canary.Distance))))
                return FormattableString.Invariant($"canary {i} has the distance {output.Distance}, expected is {canary.Distance}.");
        }

        return null;
    }
}
