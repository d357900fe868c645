using System.Globalization;

namespace Trainer.Networks;

/// <summary>Layers one after the other, named 0, 1, 2 as in PyTorch.</summary>
internal sealed record Sequential(params IReadOnlyList<Layer> Layers) : Layer
{
    public override IReadOnlyList<NamedLayer> Children { get; } =
        [.. Layers.Select((layer, i) => new NamedLayer(i.ToString(CultureInfo.InvariantCulture), layer))];

    public override FeatureShape Shape(FeatureShape input) => Layers.Aggregate(input, (shape, layer) => layer.Shape(shape));
}
