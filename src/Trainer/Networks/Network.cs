namespace Trainer.Networks;

/// <summary>A classification network described once, for every reader: stages, then average pool, then classifier.</summary>
/// <param name="Name">Its name, as weight files and backbones carry it.</param>
/// <param name="Input">What it reads.</param>
/// <param name="Features">The stages in order, torchvision's <c>features.0</c>, <c>features.1</c> …</param>
/// <param name="PooledStages">Indices of the stages whose average and maximum make the embedding.</param>
/// <param name="Classifier">What follows the average pool.</param>
internal sealed record Network(string Name, NetworkInput Input, Sequential Features, IReadOnlyList<int> PooledStages, Sequential Classifier)
{
    public const string FeaturesPath = "features";
    public const string ClassifierPath = "classifier";

    /// <summary>Between features and classifier.</summary>
    public GlobalPool Pool { get; } = new(Pooling.Average);

    /// <summary>The stages from input to output: what freezing and layer-wise learning rates work on.</summary>
    public IReadOnlyList<Stage> Stages { get; } = [.. Features.Layers.Select((layer, i) => new Stage(i, $"{FeaturesPath}.{i}", layer))];

    /// <summary>Every tensor of the network, in torchvision's order.</summary>
    public IEnumerable<Parameter> Parameters => Features.AllParameters(FeaturesPath).Concat(Classifier.AllParameters(ClassifierPath));

    /// <summary>Number of trainable values, classifier included.</summary>
    public long TrainableValues => Parameters.Where(parameter => parameter.IsTrainable).Sum(parameter => parameter.Count);

    /// <summary>Multiplications with addition for one picture of this size, classifier included.</summary>
    public long MultiplyAdds(int heightPx, int widthPx)
    {
        var input = new FeatureShape(NetworkInput.Channels, heightPx, widthPx);
        return Features.MultiplyAdds(input) + Classifier.MultiplyAdds(Pool.Shape(Features.Shape(input)));
    }
}

/// <summary>One stage of a network.</summary>
/// <param name="Index">From 0.</param>
/// <param name="Path">torchvision's name, for example <c>features.5</c>.</param>
internal sealed record Stage(int Index, string Path, Layer Layer);

/// <summary>RGB pictures, normalised as <c>(x - Mean) / Scale</c> for x in 0…255.</summary>
/// <param name="SizePx">Height and width that the weights were trained at.</param>
internal sealed record NetworkInput(int SizePx, float Mean, float Scale)
{
    public const int Channels = 3;
}
