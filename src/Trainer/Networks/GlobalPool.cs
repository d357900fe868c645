namespace Trainer.Networks;

/// <summary>Average or maximum over height and width: <c>[N,C,h,w]</c> to <c>[N,C,1,1]</c>.</summary>
internal sealed record GlobalPool(Pooling Pooling) : Layer
{
    public override FeatureShape Shape(FeatureShape input) => new(input.Channels, 1, 1);
}

/// <summary>How a feature map becomes one value a channel.</summary>
internal enum Pooling
{
    Average,
    Maximum,
}
