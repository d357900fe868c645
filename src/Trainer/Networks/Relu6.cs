namespace Trainer.Networks;

/// <summary>min(max(x, 0), 6).</summary>
internal sealed record Relu6 : Layer
{
    public override FeatureShape Shape(FeatureShape input) => input;
}
