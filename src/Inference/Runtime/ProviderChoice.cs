namespace Inference.Runtime;

/// <summary>The execution provider that a session runs on.</summary>
/// <param name="Name">TensorRT, CUDA or CPU.</param>
/// <param name="PassedOver">Better ones that were in the package and could not be used, with the reason of each.</param>
public sealed record ProviderChoice(string Name, IReadOnlyList<string> PassedOver)
{
    public override string ToString() => PassedOver.Count == 0 ? Name : $"{Name} (not {string.Join("; not ", PassedOver)})";
}
