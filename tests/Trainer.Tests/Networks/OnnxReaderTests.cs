namespace Trainer.Tests.Networks;

public sealed class OnnxReaderTests
{
    /// <summary>Differences to float64 that two float32 implementations can be expected to hold.</summary>
    private const double Float32 = 1e-4;

    [Theory]
    [InlineData("efficientnet_lite0", "efficientnet_lite0.safetensors")]
    [InlineData("efficientnet_lite1", "efficientnet_lite1.f16.safetensors")]
    [InlineData("efficientnet_lite2", "efficientnet_lite2.f16.safetensors")]
    public void Read_FormulaInput_MatchesReference(string name, string weights)
    {
        var reference = Reference.Read(name);
        var onnx = TestGraphs.Classifier(Shared.File($"backbones/{weights}"), name);
        var outputs = TestGraphs.Run(onnx, reference.FormulaInput(), 2, 3, reference.SizePx, reference.SizePx);
        TestGraphs.AssertClose([.. reference.Embedding.SelectMany(row => row)], outputs["pooled"], Float32);
        TestGraphs.AssertClose([.. reference.Logits.SelectMany(row => row)], outputs["classifier.1"], Float32);
    }

    [Theory]
    [InlineData("efficientnet_lite0", "efficientnet_lite0.safetensors")]
    [InlineData("efficientnet_lite1", "efficientnet_lite1.f16.safetensors")]
    [InlineData("efficientnet_lite2", "efficientnet_lite2.f16.safetensors")]
    public void Read_Photographs_MatchReference(string name, string weights)
    {
        var reference = Reference.Read(name);
        var onnx = TestGraphs.Classifier(Shared.File($"backbones/{weights}"), name);
        foreach (var picture in reference.Pictures)
        {
            var outputs = TestGraphs.Run(onnx, reference.Normalised(reference.Pixels(picture)), 1, 3, reference.SizePx, reference.SizePx);
            TestGraphs.AssertClose(picture.Embedding, outputs["pooled"], Float32);
            Assert.Equal(picture.Top5[0], Array.IndexOf(outputs["classifier.1"], outputs["classifier.1"].Max()));
        }
    }
}
