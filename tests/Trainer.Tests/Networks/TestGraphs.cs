using Microsoft.ML.OnnxRuntime;
using Trainer.Networks;
using Trainer.Onnx;
using Trainer.Weights;
using static Trainer.Onnx.TensorProto.Types;

namespace Trainer.Tests.Networks;

/// <summary>Builds and runs graphs in ONNX Runtime.</summary>
internal static class TestGraphs
{
    public static string FullWeights => Shared.File("backbones/efficientnet_lite0.safetensors");

    public static string HalfWeights => Path.Combine(Shared.RepositoryRoot, "models", "efficientnet_lite0.f16.safetensors");

    public static byte[] Backbone(string weights, int sizePx, BackboneInput input = BackboneInput.Pixels)
    {
        using var file = SafetensorsFile.Open(weights);
        Assert.True(NetworkWeights.TryFindNetwork(file, out var network));
        return BackboneGraph.Build(network, NetworkWeights.Read(file, network), new(sizePx, sizePx, input));
    }

    /// <summary>The network with its classifier: outputs <c>pooled</c> [N,1280,1,1] and <c>logits</c>.</summary>
    public static byte[] Classifier(string weights, string name)
    {
        using var file = SafetensorsFile.Open(weights);
        var network = Presets.Find(name)!;
        var graph = new GraphBuilder(name);
        var reader = new OnnxReader(graph, NetworkWeights.Read(file, network));
        var size = network.Input.SizePx;
        var value = new FeatureValue(graph.Input("image", DataType.Float, "N", 3, size, size), new(3, size, size));
        value = reader.Read(network.Pool, "pooled", reader.Read(network.Features, Network.FeaturesPath, value));
        graph.Output("pooled", DataType.Float, "N", value.Shape.Channels, 1, 1);
        value = reader.Read(network.Classifier, Network.ClassifierPath, value);
        graph.Output(value.Name, DataType.Float, "N", value.Shape.Channels);
        return graph.Build();
    }

    public static Dictionary<string, float[]> Run<T>(byte[] onnx, T[] image, params long[] shape)
        where T : unmanaged
    {
        using var session = new InferenceSession(onnx);
        using var input = OrtValue.CreateTensorValueFromMemory(image, shape);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["image"], [input], session.OutputNames);
        return session.OutputNames.Zip(outputs).ToDictionary(pair => pair.First, pair => pair.Second.GetTensorDataAsSpan<float>().ToArray());
    }

    /// <summary>Fails where a value differs by more than this share of the largest expected value.</summary>
    public static void AssertClose(float[] expected, ReadOnlySpan<float> actual, double relative)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Max(Math.Abs);
        double worst = 0;
        for (var i = 0; i < expected.Length; i++) worst = Math.Max(worst, Math.Abs(expected[i] - actual[i]) / scale);
        Assert.True(worst <= relative, $"Differs by {worst:E4} of the largest value; {relative:E1} is allowed.");
    }
}
