using Trainer.Networks;
using Trainer.Weights;

namespace Trainer.Tests.Networks;

public sealed class NetworkTests
{
    [Theory]
    [InlineData("efficientnet_lite0", 4_652_008, 407e6)]
    [InlineData("efficientnet_lite1", 5_416_680, 631e6)]
    [InlineData("efficientnet_lite2", 6_092_072, 899e6)]
    public void Counts_Preset_ArePublished(string name, long trainable, double multiplyAdds)
    {
        var network = Presets.Find(name)!;
        Assert.Equal(trainable, network.TrainableValues);
        Assert.InRange(network.MultiplyAdds(network.Input.SizePx, network.Input.SizePx) / multiplyAdds, 0.9, 1.1);
    }

    [Fact]
    public void Parameters_Lite0_AreTheFilesInOrder()
    {
        using var file = SafetensorsFile.Open(TestGraphs.FullWeights);
        var network = Presets.Find("efficientnet_lite0")!;
        Assert.Equal(file.Tensors.Values.OrderBy(tensor => tensor.Offset).Select(tensor => tensor.Name), network.Parameters.Select(parameter => parameter.Name));
        Assert.Equal("features.8", network.Stages[^1].Path);
    }

    [Theory]
    [InlineData(224, 3, 2, 0, 1)]
    [InlineData(65, 3, 2, 1, 1)]
    [InlineData(112, 5, 2, 1, 2)]
    [InlineData(20, 5, 1, 2, 2)]
    public void Padding_Size_IsTensorFlowsSame(int size, int kernel, int stride, int before, int after) =>
        Assert.Equal((before, after), new Conv(1, 1, kernel, stride).Padding(size));
}
