namespace Trainer.Networks;

/// <summary>
/// 2-D convolution with a square kernel and TensorFlow's SAME padding: out = ceil(in / stride); where the padding is odd the
/// extra row and column go to the bottom and right. At stride 1 this is the usual (kernel - 1) / 2 on every side.
/// </summary>
/// <param name="Groups">1, or <paramref name="Inputs"/> for a depthwise convolution.</param>
internal sealed record Conv(int Inputs, int Outputs, int Kernel, int Stride = 1, int Groups = 1) : Layer
{
    /// <summary><c>[outputs, inputs / groups, kernel, kernel]</c>.</summary>
    public override IReadOnlyList<Parameter> Parameters => [new("weight", [Outputs, Inputs / Groups, Kernel, Kernel])];

    public override FeatureShape Shape(FeatureShape input) =>
        input.Channels == Inputs
            ? new(Outputs, Size(input.Height), Size(input.Width))
            : throw new ArgumentException($"A convolution of {Inputs} channels was given {input.Channels}.", nameof(input));

    public override long MultiplyAdds(FeatureShape input)
    {
        var output = Shape(input);
        return (long)output.Height * output.Width * Outputs * (Inputs / Groups) * Kernel * Kernel;
    }

    /// <summary>Rows (or columns) of zeros before and after a side of <paramref name="size"/> pixels.</summary>
    public (int Before, int After) Padding(int size)
    {
        var total = Math.Max(0, (Size(size) - 1) * Stride + Kernel - size);
        return (total / 2, total - total / 2);
    }

    private int Size(int size) => (size + Stride - 1) / Stride;
}
