namespace Trainer.Networks;

/// <summary>A fully connected layer on pooled features: y = W x + b, W <c>[outputs, inputs]</c>.</summary>
internal sealed record Linear(int Inputs, int Outputs) : Layer
{
    public override IReadOnlyList<Parameter> Parameters => [new("weight", [Outputs, Inputs]), new("bias", [Outputs])];

    public override FeatureShape Shape(FeatureShape input) => new(Outputs, 1, 1);

    public override long MultiplyAdds(FeatureShape input) => (long)Inputs * Outputs;
}
