using System.Diagnostics;
using Trainer.Networks;

namespace Trainer.Tests.Networks;

public sealed class BackboneGraphTests
{
    private const int LastAverage = 608;

    /// <summary>The reference states 2.5e-3, in two digits; exactly it is 2.547e-3.</summary>
    private const double HalfRounding = 2.55e-3;

    [Fact]
    public void Build_FullWeights_LastAverageMatchesReference() => MatchReference(TestGraphs.FullWeights, 1e-4);

    [Fact]
    public void Build_HalfWeights_LastAverageWithinRounding() => MatchReference(TestGraphs.HalfWeights, HalfRounding);

    [Fact]
    public void Build_Pixels_EqualsNormalisedOnPhotographs()
    {
        var reference = Reference.Read("efficientnet_lite0");
        var pixelGraph = TestGraphs.Backbone(TestGraphs.HalfWeights, 224);
        var floatGraph = TestGraphs.Backbone(TestGraphs.HalfWeights, 224, BackboneInput.Normalised);
        foreach (var picture in reference.Pictures)
        {
            var pixels = reference.Pixels(picture);
            var expected = TestGraphs.Run(floatGraph, reference.Normalised(pixels), 1, 3, 224, 224);
            var actual = TestGraphs.Run(pixelGraph, pixels, 1, 224, 224, 3);
            foreach (var (name, values) in expected) TestGraphs.AssertClose(values, actual[name], 1e-6);
        }
    }

    [Fact]
    public void Build_Pixels_SegmentsArePoolsOfTheMaps()
    {
        var reference = Reference.Read("efficientnet_lite0");
        var outputs = TestGraphs.Run(TestGraphs.Backbone(TestGraphs.HalfWeights, 224), reference.Pixels(reference.Pictures[0]), 1, 224, 224, 3);
        var offset = 0;
        foreach (var (map, channels) in (ReadOnlySpan<(string, int)>)[("map.s5", 112), ("map.s6", 192), ("map.s8", 1280)])
        {
            var perChannel = outputs[map].Chunk(outputs[map].Length / channels).ToArray();
            TestGraphs.AssertClose([.. perChannel.Select(values => values.Average())], outputs["embedding"].AsSpan(offset, channels), 1e-5);
            TestGraphs.AssertClose([.. perChannel.Select(values => values.Max())], outputs["embedding"].AsSpan(offset + channels, channels), 0);
            offset += 2 * channels;
        }
        Assert.Equal(3168, offset);
        Assert.Equal(offset, outputs["embedding"].Length);
    }

    [Fact]
    public void Build_Twice_SameBytes() => Assert.Equal(TestGraphs.Backbone(TestGraphs.HalfWeights, 320), TestGraphs.Backbone(TestGraphs.HalfWeights, 320));

    [Fact]
    public void Build_BundledWeights_PassesOnnxChecker()
    {
        const string Python = "/usr/bin/python3";
        Assert.SkipUnless(Shared.IsCi || HasChecker(), "Debian's python3-onnx is not installed.");
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        try
        {
            File.WriteAllBytes(path, TestGraphs.Backbone(TestGraphs.HalfWeights, 320));
            var (code, error) = Run(Python, "-c", "import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)", path);
            Assert.True(code == 0, error);
        }
        finally
        {
            File.Delete(path);
        }

        static bool HasChecker() => File.Exists(Python) && Run(Python, "-c", "import onnx").Code == 0;
    }

    private static (int Code, string Error) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        return (process.Ends(), error.GetAwaiter().GetResult());
    }

    private static void MatchReference(string weights, double relative)
    {
        var reference = Reference.Read("efficientnet_lite0");
        var outputs = TestGraphs.Run(TestGraphs.Backbone(weights, 224, BackboneInput.Normalised), reference.FormulaInput(), 2, 3, 224, 224);
        var lastAverages = outputs["embedding"].Chunk(3168).SelectMany(row => row[LastAverage..(LastAverage + 1280)]);
        TestGraphs.AssertClose([.. reference.Embedding.SelectMany(row => row)], [.. lastAverages], relative);
    }
}
