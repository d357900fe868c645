namespace Trainer.Weights;

/// <summary>Where a tensor lies in its file.</summary>
/// <param name="Name">For example <c>features.0.0.weight</c>.</param>
/// <param name="Shape">Row-major.</param>
/// <param name="Offset">Of its first byte behind the header.</param>
/// <param name="LengthBytes">Equals type x shape.</param>
internal sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape, long Offset, long LengthBytes)
{
    public int Count => checked((int)(LengthBytes / Type.LengthBytes));
}
