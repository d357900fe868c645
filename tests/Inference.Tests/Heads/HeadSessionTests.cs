using Inference.Heads;
using Inference.Runtime;
using Inference.Tests.Fixtures;

namespace Inference.Tests.Heads;

public sealed class HeadSessionTests
{
    private static readonly RuntimeOptions Options = RuntimeOptions.Default;

    [Fact]
    public void Run_KnownEmbedding_GivesLogitsProbabilitiesAndDistance()
    {
        using var head = HeadSession.Load(Fixture.Bytes("head"), 6, 2, Options);

        var output = head.Run([3, 1, 0, 0, 0, 4]);

        Assert.Equal([3f, 1f], output.Logits.ToArray());
        Assert.Equal(1 / (1 + MathF.Exp(-1)), output.Probabilities[0], 1e-6f);
        Assert.Equal(1, output.Probabilities[0] + output.Probabilities[1], 1e-6f);
        Assert.Equal(MathF.Sqrt(26), output.Distance, 1e-5f);
    }

    [Fact]
    public void Run_NotANumber_ComesOutAsNotANumber()
    {
        using var head = HeadSession.Load(Fixture.Bytes("head"), 6, 2, Options);

        Assert.True(float.IsNaN(head.Run([float.NaN, 1, 0, 0, 0, 0]).Distance));
    }

    [Fact]
    public void Run_ManyTimes_AllocatesNothing()
    {
        using var head = HeadSession.Load(Fixture.Bytes("head"), 6, 2, Options);
        float[] embedding = [1, 2, 3, 4, 5, 6];
        for (var i = 0; i < 100; i++) head.Run(embedding);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) head.Run(embedding);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Run_AnotherLength_IsRefused()
    {
        using var head = HeadSession.Load(Fixture.Bytes("head"), 6, 2, Options);

        var exception = Assert.Throws<ArgumentException>(() => head.Run([1, 2]));
        Assert.Contains("has 2 values; the head reads 6", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("head", 7, 2, "'embedding'", "[1,6]", "[1,7]")]
    [InlineData("head", 6, 3, "'logits'", "[1,2]", "[1,3]")]
    [InlineData("head-no-logits", 6, 2, "no output 'logits'", "'scores'")]
    [InlineData("backbone", 6, 2, "no input 'embedding'", "'image'")]
    public void Load_WrongGraph_SaysWhatIsWrong(string fixture, int length, int classes, params string[] said)
    {
        var exception = Assert.Throws<NetworkException>(() => HeadSession.Load(Fixture.Bytes(fixture), length, classes, Options));

        Assert.All(said, words => Assert.Contains(words, exception.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void Load_CutOff_IsRefused(int keptBytes)
    {
        var exception = Assert.Throws<NetworkException>(() => HeadSession.Load(Fixture.Bytes("head").AsMemory(0, keptBytes), 6, 2, Options));

        Assert.Contains("Cannot load the head: ", exception.Message, StringComparison.Ordinal);
    }
}
