namespace Trainer.Networks;

/// <summary>
/// The mobile inverted bottleneck (Sandler et al., MobileNetV2, 2018; torchvision's <c>MBConv</c> without squeeze-and-excitation):
/// expand 1x1, depthwise, project 1x1; the input is added where stride is 1 and the channels are equal.
/// </summary>
internal sealed record InvertedResidual(Sequential Block, bool Skip) : Layer
{
    public override IReadOnlyList<NamedLayer> Children { get; } = [new("block", Block)];

    public override FeatureShape Shape(FeatureShape input) => Block.Shape(input);
}
