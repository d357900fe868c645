using Inference.Heads;
using Inference.Packages;
using Inference.Runtime;
using Inference.Tests.Fixtures;
using Testing.Files;

namespace Inference.Tests.Packages;

public sealed class HeadFileTests
{
    [Theory]
    [InlineData("head-external", "external data")]
    [InlineData("head-external-constant", "external data")]
    [InlineData("head-external-branch", "external data")]
    [InlineData("head-sparse", "sparse tensors")]
    [InlineData("head-function", "functions of its own")]
    [InlineData("head-domain", "domain 'evil.operators'")]
    public void Read_HeadThatReachesOutside_IsRefused(string fixture, string said)
    {
        using var directory = new TemporaryDirectory();
        TestPackage.Forge(directory["model"], TestPackage.Manifest(fixture), Fixture.Bytes(fixture));

        var error = Assert.Throws<PackageException>(() => PackageReader.Read(directory["model"]));

        Assert.Contains("head.onnx' is refused", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("head")]
    [InlineData("head-swapped")]
    [InlineData("backbone")]
    public void Refuse_GoodFile_IsNull(string fixture) => Assert.Null(HeadFile.Refuse(Fixture.Bytes(fixture)));

    [Fact]
    public void Refuse_TwoGraphs_BecauseAParserMergesThem()
    {
        byte[] bytes = [.. Fixture.Bytes("head"), 0x3A, 0];
        Assert.Contains("2 graphs", HeadFile.Refuse(bytes), StringComparison.Ordinal);
    }

    // 0x3A is field 7, the graph. With a bit beyond the 32nd, Google's parser reads field 7 still, and we would pass over it.
    [Theory]
    [InlineData(0xBA, 0x80, 0x80, 0x80, 0x10)]
    [InlineData(0xBA, 0x80, 0x80, 0x80, 0x20)]
    public void Refuse_FieldNumberBeyondTheFormat_IsDamaged(params int[] tag)
    {
        byte[] bytes = [.. Fixture.Bytes("head"), .. tag.Select(b => (byte)b), 0];
        Assert.Contains("damaged: field number", HeadFile.Refuse(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuse_GraphUnderAnotherNumber_ThoughOnnxRuntimeWouldRunIt()
    {
        var head = Fixture.Bytes("head");
        // The fixture begins with the version (2 bytes) and the producer (2 + 7 bytes).
        const int at = 11;
        Assert.Equal(0x3A, head[at]);
        byte[] hidden = [.. head[..at], 0xBA, 0x80, 0x80, 0x80, 0x10, .. head[(at + 1)..], 0x3A, 0];

        using (HeadSession.Load(hidden, 6, 2, RuntimeOptions.Default))
            Assert.Contains("damaged: field number", HeadFile.Refuse(hidden), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no graph", "it has 0 graphs", 0x08, 0x08)]
    [InlineData("length beyond the end", "ends in the middle", 0x3A, 0x05, 0x00)]
    [InlineData("length beyond 63 bits", "ends in the middle", 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01)]
    [InlineData("number without end", "does not end", 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01)]
    [InlineData("group", "wire type 3", 0x3B)]
    [InlineData("field 0", "field number 0", 0x02, 0x00)]
    public void Refuse_Damaged_SaysHow(string _, string said, params int[] bytes) =>
        Assert.Contains(said, HeadFile.Refuse([.. bytes.Select(b => (byte)b)]), StringComparison.Ordinal);

    [Fact]
    public void Refuse_NestedWithoutEnd_IsRefusedAndNotFollowed()
    {
        byte[] graph = [];
        for (var depth = 0; depth < 2000; depth++) graph = Field(1, Field(5, Field(6, graph)));

        Assert.Contains("nested too deep", HeadFile.Refuse(Field(7, graph)), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuse_RandomDamage_NeverThrows()
    {
        var random = new Random(7);
        var whole = Fixture.Bytes("head-external-branch");
        for (var i = 0; i < 2000; i++)
        {
            byte[] bytes = [.. whole.AsSpan(0, random.Next(whole.Length + 1))];
            for (var flips = bytes.Length == 0 ? 0 : random.Next(8); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _ = HeadFile.Refuse(bytes);
        }
    }

    private static byte[] Field(int number, byte[] content)
    {
        List<byte> bytes = [(byte)(number << 3 | 2)];
        var length = content.Length;
        for (; length > 0x7F; length >>= 7) bytes.Add((byte)(length | 0x80));
        return [.. bytes, (byte)length, .. content];
    }
}
