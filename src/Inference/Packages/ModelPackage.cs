using Inference.Decisions;

namespace Inference.Packages;

/// <summary>A verified package in memory.</summary>
/// <param name="Directory">Where it was read from.</param>
/// <param name="Head">The bytes of <c>head.onnx</c>.</param>
/// <param name="PolicyId">See <see cref="PolicyFile.Id"/>.</param>
public sealed record ModelPackage(string Directory, ModelManifest Manifest, ReadOnlyMemory<byte> Head, DecisionPolicy Policy, string PolicyId)
{
    public string ModelId => Manifest.ModelId;
}
