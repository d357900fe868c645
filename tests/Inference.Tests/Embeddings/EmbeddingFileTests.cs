using Inference.Embeddings;
using Inference.Files;
using Inference.Preparation;
using Testing.Files;

namespace Inference.Tests.Embeddings;

public sealed class EmbeddingFileTests : IDisposable
{
    private const int HeaderBytes = 64;
    private const int StrideBytes = 16 + 2 * 5;
    private static readonly EmbeddingSpec Spec = new(new string('b', 64), new PreparationSpec(), [new("s5.avg", 0, 3), new("s5.max", 3, 2)]);
    private readonly TemporaryDirectory directory = new();

    private string FilePath => Path.Combine(directory.Path, "embeddings", "e.emb");

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Append_ManyRows_AreReadBackInHalfPrecisionWithTheirInspection()
    {
        using var writer = Open();
        for (var i = 0; i < 10; i++) Assert.Equal(i, writer.Append(2, (ulong)i + 1, Values(i)));
        using var reader = new EmbeddingFileReader(FilePath, Spec);
        var values = new float[5];
        Assert.Equal(10, reader.Count);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(new EmbeddingRowId(2, (ulong)i + 1), reader.Read(i, values));
            Assert.Equal(Values(i).Select(v => (float)(Half)v), values);
        }
        Assert.Contains("'appliance repair'", Assert.Throws<EmbeddingFileException>(() => reader.Read(10, values)).Message, StringComparison.Ordinal);
        Assert.Throws<EmbeddingFileException>(() => reader.Read(-1, values));
        writer.Append(2, 11, Values(11));
        Assert.Equal(new EmbeddingRowId(2, 11), reader.Read(10, values));
    }

    [Fact]
    public void Open_TornAtEveryByteOfTheLastRow_CutsItAndGivesItsRowAgain()
    {
        using (var writer = Open())
        {
            for (var i = 0; i < 3; i++) writer.Append(1, (ulong)i + 1, Values(i));
        }
        var whole = File.ReadAllBytes(FilePath);
        for (var cut = 1; cut < StrideBytes; cut++)
        {
            File.WriteAllBytes(FilePath, whole[..^cut]);
            using var writer = Open();
            Assert.Equal((2, StrideBytes - cut), (writer.Count, writer.CutBytes));
            Assert.Equal(2, writer.Append(9, 9, Values(9)));
            using var reader = new EmbeddingFileReader(FilePath, Spec);
            Assert.Equal(new EmbeddingRowId(9, 9), reader.Read(2, new float[5]));
        }
    }

    [Fact]
    public void Read_AnyBitFlipped_IsRefusedAndTheRowIsNeverGivenAgain()
    {
        using (var writer = Open())
        {
            for (var i = 0; i < 2; i++) writer.Append(1, (ulong)i + 1, Values(i));
        }
        var whole = File.ReadAllBytes(FilePath);
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = whole.ToArray();
            damaged[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(FilePath, damaged);
            if (i < HeaderBytes)
            {
                Assert.Throws<EmbeddingFileException>(() => new EmbeddingFileReader(FilePath, Spec));
                Assert.Throws<EmbeddingFileException>(Open);
                continue;
            }
            using var reader = new EmbeddingFileReader(FilePath, Spec);
            var row = (i - HeaderBytes) / StrideBytes;
            Assert.False(reader.TryRead(row, new float[5], out _));
            Assert.True(reader.TryRead(1 - row, new float[5], out _));
            using var writer = Open();
            Assert.Equal(2, writer.Count);
        }
    }

    [Fact]
    public void Open_OtherEmbedding_SaysBoth()
    {
        Open().Dispose();
        var other = Spec with { Backbone = new string('c', 64) };
        var refused = Assert.Throws<EmbeddingFileException>(() => new EmbeddingFileReader(FilePath, other));
        Assert.Contains(other.Identity, refused.Message, StringComparison.Ordinal);
        Assert.Contains(Spec.Identity, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sync_PowerCutAfterIt_KeepsTheRows()
    {
        var files = new PowerCutFileSystem(directory.Path);
        using (var writer = new EmbeddingFileWriter(files, FilePath, Spec))
        {
            writer.Append(1, 1, Values(1));
            writer.Sync();
            writer.Append(1, 2, Values(2));
            files.CutPower(new Random(1));
        }
        using var again = Open();
        Assert.Equal(1, again.Count);
        using var reader = new EmbeddingFileReader(FilePath, Spec);
        Assert.Equal(new EmbeddingRowId(1, 1), reader.Read(0, new float[5]));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Append_AnyOperationFails_RowsThatWereGivenAreThere(bool torn, bool keepFailing)
    {
        Open().Dispose();
        for (var failAt = 1; ; failAt++)
        {
            File.Delete(FilePath);
            var files = new FaultyFileSystem(LinuxFileSystem.Instance) { FailAt = failAt, KeepFailing = keepFailing, TornWrites = torn };
            var given = new List<(long Row, ulong Sequence)>();
            try
            {
                using var writer = new EmbeddingFileWriter(files, FilePath, Spec);
                for (var i = 1ul; i < 5; i++)
                {
                    try
                    {
                        given.Add((writer.Append(1, i, Values(1)), i));
                    }
                    catch (IOException)
                    {
                        // Said to have failed.
                    }
                }
            }
            catch (IOException)
            {
                Assert.Empty(given);
            }
            Open().Dispose();
            using var reader = new EmbeddingFileReader(FilePath, Spec);
            Assert.Equal(given.Count, reader.Count);
            foreach (var (row, sequence) in given) Assert.Equal(new EmbeddingRowId(1, sequence), reader.Read(row, new float[5]));
            if (files.Operations < failAt) return;
        }
    }

    private static float[] Values(int seed) => [seed, seed + 0.1f, -seed * 3.3f, 6, 1e-4f];

    private EmbeddingFileWriter Open() => new(LinuxFileSystem.Instance, FilePath, Spec);
}
