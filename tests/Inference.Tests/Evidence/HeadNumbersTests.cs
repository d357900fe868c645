using Inference.Evidence;
using Inference.Heads;
using Inference.Runtime;
using Inference.Tests.Fixtures;

namespace Inference.Tests.Evidence;

public sealed class HeadNumbersTests
{
    private const int Length = 6;
    private const int Classes = 2;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Forms_OfALinearHead_SayWhatItsGraphSays(int seed)
    {
        var onnx = Fixture.Bytes("head-linear");
        using var head = HeadSession.Load(onnx, Length, Classes, new RuntimeOptions { Threads = 1 });
        var numbers = HeadNumbers.Read(onnx, Length, Classes)!;
        var random = new Random(seed);
        float[] embedding = [.. Enumerable.Range(0, Length).Select(_ => random.NextSingle() * 3)];

        var said = head.Run(embedding);

        Assert.Equal(said.Logits[1] - said.Logits[0], Of(numbers.LogitDifference(1, 0), embedding), 1e-4f);
        Assert.Equal(said.Distance * said.Distance, Of(numbers.SquaredDistance(embedding), embedding), 1e-4f);
        Assert.True(said.Distance > 0.1f);
    }

    [Fact]
    public void Read_AHeadOfAnotherForm_IsNull()
    {
        Assert.Null(HeadNumbers.Read(Fixture.Bytes("head"), Length, Classes));
        Assert.Null(HeadNumbers.Read(Fixture.Bytes("head-linear"), Length, 3));
        Assert.Null(HeadNumbers.Read(Fixture.Bytes("head-linear"), 5, Classes));
        Assert.Null(HeadNumbers.Read([], Length, Classes));
    }

    [Fact]
    public void Read_CutOffOrAlteredAnywhere_NeverThrows()
    {
        var onnx = Fixture.Bytes("head-linear");
        for (var i = 0; i < onnx.Length; i++)
        {
            HeadNumbers.Read(onnx.AsSpan(0, i), Length, Classes);
            byte[] altered = [.. onnx];
            altered[i] ^= 0xFF;
            HeadNumbers.Read(altered, Length, Classes);
        }
    }

    private static float Of(LinearForm form, float[] embedding) => form.Bias + form.Columns.Select((c, i) => form.Weights[i] * (embedding[c] - form.Baseline[i])).Sum();
}
