using Inference.Backbones;
using Inference.Preparation;
using Inference.Runtime;
using Inference.Tests.Fixtures;

namespace Inference.Tests.Backbones;

public sealed class BackboneSessionTests
{
    private static readonly RuntimeOptions Options = new() { Threads = 1 };

    [Fact]
    public void Load_GoodFile_KnowsItself()
    {
        using var backbone = BackboneSession.Load(Fixture.Path("backbone"), null, Options);

        Assert.Equal("pool", backbone.Info.Architecture);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Fixture.Bytes("backbone"))), backbone.Info.Sha256);
        Assert.Equal((8, 6, ColourOrder.Rgb), (backbone.Info.WidthPx, backbone.Info.HeightPx, backbone.Info.ColourOrder));
        Assert.Equal(["s1.avg", "s1.max"], backbone.Info.Segments.Select(segment => segment.Name));
        Assert.Equal(6, backbone.Embedding.Length);
        Assert.Equal(new PreparationSpec { WidthPx = 8, HeightPx = 6 }, backbone.Embedding.Preparation);
        Assert.Equal(8 * 6 * 3, backbone.InputBuffer.Length);
        Assert.Equal("CPU", backbone.Provider.Name);
    }

    [Fact]
    public void Load_Region_BelongsToTheIdentity()
    {
        using var whole = BackboneSession.Load(Fixture.Path("backbone"), null, Options);
        using var cut = BackboneSession.Load(Fixture.Path("backbone"), whole.Embedding.Preparation with { Region = new Region(1, 2, 3, 4) }, Options);

        Assert.NotEqual(whole.Embedding.Identity, cut.Embedding.Identity);
    }

    [Fact]
    public void Run_KnownPicture_GivesItsMeanAndMaximum()
    {
        using var backbone = BackboneSession.Load(Fixture.Path("backbone"), null, Options);
        for (var i = 0; i < backbone.InputBuffer.Length; i++) backbone.InputBuffer[i] = (byte)(i % 3 == 0 ? 51 : 0);
        backbone.InputBuffer[1] = 255;

        backbone.Run();

        float[] expected = [0.2f, 1f / 48, 0, 0.2f, 1, 0];
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], backbone.EmbeddingValues[i], 1e-6f);
    }

    [Fact]
    public void Run_ManyTimes_AllocatesNothing()
    {
        using var backbone = BackboneSession.Load(Fixture.Path("backbone"), null, Options);
        for (var i = 0; i < 100; i++) backbone.Run();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            backbone.InputBuffer[0] = (byte)i;
            backbone.Run();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("backbone-float", "'image'", "Float", "UInt8")]
    [InlineData("backbone-input-name", "no input 'image'", "'picture'")]
    [InlineData("backbone-output-name", "no output 'embedding'", "'features'")]
    [InlineData("backbone-no-metadata", "no 'input.colour'", "trainer backbone")]
    [InlineData("backbone-bad-colour", "input.colour", "hsv", "rgb or bgr")]
    [InlineData("backbone-bad-size", "'image'", "[1,6,8,3]", "[1,6,9,3]")]
    [InlineData("backbone-gap", "embedding.segments", "without gaps")]
    [InlineData("backbone-external", "external data")]
    [InlineData("backbone-bad-json", "embedding.segments", "'['")]
    [InlineData("head", "no 'input.colour'")]
    [InlineData("missing", "Cannot load the backbone", "missing.onnx")]
    public void Load_WrongFile_SaysWhatIsWrong(string fixture, params string[] said)
    {
        var exception = Assert.Throws<NetworkException>(() => BackboneSession.Load(Fixture.Path(fixture), null, Options));

        Assert.All(said, words => Assert.Contains(words, exception.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no protobuf")]
    public void Load_NoOnnx_SaysWhichFile(string content)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllText(path, content);
        try
        {
            var exception = Assert.Throws<NetworkException>(() => BackboneSession.Load(path, null, Options));
            Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Load_PreparationOfAnotherSize_IsRefused()
    {
        var exception = Assert.Throws<NetworkException>(() => BackboneSession.Load(Fixture.Path("backbone"), new PreparationSpec(), Options));

        Assert.Contains("it reads 8x6 Rgb, the preparation gives 320x320 Rgb", exception.Message, StringComparison.Ordinal);
    }
}
