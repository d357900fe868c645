using System.Buffers.Binary;
using System.Text;
using Trainer.Networks;
using Trainer.Weights;

namespace Trainer.Tests.Weights;

public sealed class SafetensorsTests : IDisposable
{
    private const string A = """ "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]} """;

    private readonly string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(path);

    [Theory]
    [InlineData("[]", 0, "header")]
    [InlineData("{\"a\":", 0, "JSON")]
    [InlineData("{} {}", 0, "JSON")]
    [InlineData("""{"a":[[[[[[]]]]]]}""", 0, "'a'")]
    [InlineData("""{"__metadata__":{"k":[[[[[]]]]]}}""", 0, "__metadata__")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", 0, "twice")]
    [InlineData("{" + A + "," + A + "}", 8, "'a' twice")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "lacks")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", 8, "'x'")]
    [InlineData("""{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}}""", 8, "'Q4'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}""", 8, "more than 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}""", 8, "overflows")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "12 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "ends (0)")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,16]}}""", 8, "more than 2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775800,9223372036854775808]}}""", 8, "'a'")]
    [InlineData("{" + A + "}", 7, "truncated")]
    [InlineData("{" + A + "}", 9, "1 bytes behind")]
    [InlineData("{" + A + """,  "b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "'b' begins")]
    [InlineData("{" + A + """,  "b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", 16, "before tensor 'b'")]
    public void Open_HostileHeader_NamesFileAndFault(string header, int dataLength, string expected)
    {
        Write(header, new byte[dataLength]);
        var error = Assert.Throws<WeightFileException>(() => SafetensorsFile.Open(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("fetch it again", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(100UL)]
    [InlineData(SafetensorsFile.MaxHeaderBytes + 1UL)]
    [InlineData(ulong.MaxValue)]
    public void Open_WrongHeaderLength_Throws(ulong length)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        File.WriteAllBytes(path, bytes);
        Assert.Throws<WeightFileException>(() => SafetensorsFile.Open(path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Open_NoRoomForLength_Throws(int length)
    {
        File.WriteAllBytes(path, new byte[length]);
        Assert.Throws<WeightFileException>(() => SafetensorsFile.Open(path));
    }

    [Fact]
    public void Open_Missing_NamesFile() => Assert.Contains(path, Assert.Throws<WeightFileException>(() => SafetensorsFile.Open(path)).Message, StringComparison.Ordinal);

    [Fact]
    public void ReadFloats_NotANumber_NamesTensor()
    {
        Write("{" + A + "}", [0, 0, 0, 0, 0, 0, 0xC0, 0x7F]);
        using var file = SafetensorsFile.Open(path);
        Assert.Contains("'a' holds NaN at index 1", Assert.Throws<WeightFileException>(() => file.ReadFloats("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadFloats_BFloat16_IsUpperHalf()
    {
        Write("""{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}""", [0x80, 0x3F, 0x20, 0xC0]);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal([1f, -2.5f], file.ReadFloats("a"));
    }

    [Fact]
    public void WriteHalf_Tensors_ReadBackRounded()
    {
        var tensors = new NamedTensor[] { new("a", [2], [1f, 1 / 3f]), new("b", [], [-65504f]) };
        var bytes = SafetensorsWriter.WriteHalf(tensors, new Dictionary<string, string> { ["license"] = "x" });
        File.WriteAllBytes(path, bytes);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal([1f, (float)(Half)(1 / 3f)], file.ReadFloats("a"));
        Assert.Equal([-65504f], file.ReadFloats("b"));
        Assert.Equal("x", file.Metadata["license"]);
        Assert.Equal(bytes, SafetensorsWriter.WriteHalf(tensors, file.Metadata));
    }

    [Fact]
    public void WriteHalf_TooLarge_NamesTensor() =>
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => SafetensorsWriter.WriteHalf([new("a", [1], [70000f])], new Dictionary<string, string>())).Message, StringComparison.Ordinal);

    [Fact]
    public void BundledWeights_EveryTensor_IsTheFullOneRounded()
    {
        using var full = SafetensorsFile.Open(Networks.TestGraphs.FullWeights);
        using var half = SafetensorsFile.Open(Networks.TestGraphs.HalfWeights);
        Assert.Equal(full.Tensors.Count - 2, half.Tensors.Count);
        foreach (var name in half.Tensors.Keys) Assert.Equal(full.ReadFloats(name).Select(value => (float)(Half)value), half.ReadFloats(name));
    }

    [Fact]
    public void NetworkWeights_DeeperNetwork_NamesMissingTensor() => Assert.Contains(
        "lacks the tensor 'features.2.2.block.0.0.weight'", FaultOf(Presets.Find("efficientnet_lite2")!), StringComparison.Ordinal);

    [Fact]
    public void NetworkWeights_WiderNetwork_NamesBothShapes() => Assert.Contains(
        "tensor 'features.1.0.block.1.0.weight' is [16, 32, 1, 1], but wide has [24, 32, 1, 1]",
        FaultOf(EfficientNetLite.Build("wide", width: 1.5, depth: 1, sizePx: 224, dropout: 0)),
        StringComparison.Ordinal);

    private static string FaultOf(Network network)
    {
        using var file = SafetensorsFile.Open(Networks.TestGraphs.HalfWeights);
        return Assert.Throws<WeightFileException>(() => NetworkWeights.Read(file, network)).Message;
    }

    private void Write(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)json.Length);
        File.WriteAllBytes(path, [.. prefix, .. json, .. data]);
    }
}
