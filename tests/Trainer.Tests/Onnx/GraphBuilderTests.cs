using Microsoft.ML.OnnxRuntime;
using Trainer.Onnx;
using static Trainer.Onnx.TensorProto.Types;

namespace Trainer.Tests.Onnx;

public sealed class GraphBuilderTests
{
    private static byte[] Affine()
    {
        var graph = new GraphBuilder("affine");
        graph.Input("x", DataType.Float, "N", 2);
        graph.Constant("weight", [1f, 2f, 3f, 4f, 5f, 6f], 3, 2);
        graph.Constant("bias", [0.5f, 0f, -0.5f], 3);
        graph.Node("Gemm", "y", ["x", "weight", "bias"], Attributes.Int("transB", 1), Attributes.Float("alpha", 2));
        graph.Output("y", DataType.Float, "N", 3);
        graph.Metadata("b", "2");
        graph.Metadata("a", "1");
        return graph.Build();
    }

    [Fact]
    public void Build_Affine_RunsInOnnxRuntime()
    {
        using var session = new InferenceSession(Affine());
        using var input = OrtValue.CreateTensorValueFromMemory(new[] { 1f, 10f, -1f, 1f }, [2, 2]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["x"], [input], ["y"]);
        Assert.Equal([42.5f, 86f, 129.5f, 2.5f, 2f, 1.5f], outputs[0].GetTensorDataAsSpan<float>().ToArray());
        Assert.Equal("1", session.ModelMetadata.CustomMetadataMap["a"]);
    }

    [Fact]
    public void Build_SameCalls_SameBytes() => Assert.Equal(Affine(), Affine());

    [Fact]
    public void Node_UnknownInput_SaysWhichNodeAndInput()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new GraphBuilder("g").Node("Relu", "y", ["x"]));
        Assert.Contains("'y'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'x'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Node_NameTaken_Throws()
    {
        var graph = new GraphBuilder("g");
        graph.Input("x", DataType.Float, 1);
        Assert.Throws<InvalidOperationException>(() => graph.Node("Relu", "x", ["x"]));
    }

    [Fact]
    public void Constant_ShapeDiffersFromValues_Throws() => Assert.Throws<ArgumentException>(() => new GraphBuilder("g").Constant("c", [1f, 2f], 3));

    [Fact]
    public void Output_MadeByNothing_Throws() => Assert.Throws<InvalidOperationException>(() => new GraphBuilder("g").Output("y", DataType.Float, 1));
}
