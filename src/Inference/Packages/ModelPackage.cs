using Inference.Decisions;

namespace Inference.Packages;

/// <summary>A verified package in memory.</summary>
/// <param name="Directory">Where it was read from.</param>
/// <param name="Head">The bytes of <c>head.onnx</c>.</param>
/// <param name="PolicyId">See <see cref="PolicyFile.Id"/>.</param>
public sealed record ModelPackage(string Directory, ModelManifest Manifest, ReadOnlyMemory<byte> Head, DecisionPolicy Policy, string PolicyId)
{
    public string ModelId => Manifest.ModelId;

    /// <summary>The policy that came in the package.</summary>
    public DecisionPolicy OwnPolicy { get; private init; } = Policy;

    /// <summary>False where another policy was put in the place of the package's own, even one that is the same.</summary>
    public bool HasOwnPolicy { get; private init; } = true;

    /// <summary>The package with another policy in the place of its own.</summary>
    /// <param name="policy">Null for the package's own.</param>
    /// <exception cref="PackageException">The policy does not fit its classes.</exception>
    public ModelPackage With(DecisionPolicy? policy)
    {
        if (policy is null) return this with { Policy = OwnPolicy, PolicyId = PolicyFile.Id(OwnPolicy), HasOwnPolicy = true };
        var errors = string.Join(" ", PolicyFile.Validate(policy, Manifest.Classes));
        return errors.Length == 0
            ? this with { Policy = policy, PolicyId = PolicyFile.Id(policy), HasOwnPolicy = false }
            : throw new PackageException($"The policy does not fit model {ModelId}: {errors}");
    }
}
