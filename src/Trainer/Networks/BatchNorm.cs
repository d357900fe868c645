namespace Trainer.Networks;

/// <summary>Batch normalisation over the channels (Ioffe and Szegedy, 2015).</summary>
/// <param name="Momentum">In PyTorch's sense: the share of the new batch.</param>
internal sealed record BatchNorm(int Channels, double Epsilon, double Momentum) : Layer
{
    public override IReadOnlyList<Parameter> Parameters =>
    [
        new("weight", [Channels]),
        new("bias", [Channels]),
        new("running_mean", [Channels], IsTrainable: false),
        new("running_var", [Channels], IsTrainable: false),
    ];

    public override FeatureShape Shape(FeatureShape input) => input;
}
