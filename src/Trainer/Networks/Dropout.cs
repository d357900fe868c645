namespace Trainer.Networks;

/// <summary>Sets a share of the values to zero while training; nothing afterwards.</summary>
internal sealed record Dropout(double Rate) : Layer
{
    public override FeatureShape Shape(FeatureShape input) => input;
}
