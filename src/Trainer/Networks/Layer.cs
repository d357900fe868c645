namespace Trainer.Networks;

/// <summary>
/// One operation, or a composition of them, of a network description. It knows its shape, its values and its children by
/// torchvision's names; it holds no weights. Readers turn it into an ONNX graph (see <see cref="OnnxReader"/>) or a module to train.
/// </summary>
internal abstract record Layer
{
    /// <summary>Layers inside this one, in the order in which they run.</summary>
    public virtual IReadOnlyList<NamedLayer> Children => [];

    /// <summary>The layer's own parameters and buffers, without those of its children.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>The shape that comes out for the shape that goes in.</summary>
    public abstract FeatureShape Shape(FeatureShape input);

    /// <summary>Multiplications with addition for one picture; a FLOP count is twice that.</summary>
    public virtual long MultiplyAdds(FeatureShape input)
    {
        long sum = 0;
        foreach (var (_, child) in Children)
        {
            sum += child.MultiplyAdds(input);
            input = child.Shape(input);
        }
        return sum;
    }

    /// <summary>All parameters and buffers below this layer, in torchvision's order and by full name.</summary>
    public IEnumerable<Parameter> AllParameters(string path)
    {
        foreach (var parameter in Parameters) yield return parameter with { Name = $"{path}.{parameter.Name}" };
        foreach (var (name, child) in Children)
        {
            foreach (var parameter in child.AllParameters($"{path}.{name}")) yield return parameter;
        }
    }
}

/// <summary>A child under its name within the parent.</summary>
internal sealed record NamedLayer(string Name, Layer Layer);

/// <summary>A tensor that a weight file gives.</summary>
/// <param name="Name">torchvision's name.</param>
/// <param name="Shape">Row-major.</param>
/// <param name="IsTrainable">False for the running statistics of batch norm.</param>
internal sealed record Parameter(string Name, IReadOnlyList<long> Shape, bool IsTrainable = true)
{
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));
}

/// <summary>Shape of one picture's features. After a global pool height and width are 1.</summary>
internal readonly record struct FeatureShape(int Channels, int Height, int Width);
