using Appliance.Journal;
using Appliance.Samples;
using Microsoft.Extensions.Logging.Abstractions;
using Inference.Files;
using Testing.Files;

namespace Appliance.Tests.Samples;

public sealed class IndexRebuilderTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly List<Fact> facts = SampleFacts.Random(3, 200);
    private readonly string expected;

    public IndexRebuilderTests()
    {
        using var index = Open();
        expected = SampleFacts.Describe(index);
    }

    private string IndexPath => SampleFiles.Index(directory.Path);

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Open_ClosedInOrder_TakesOnlyNewFacts()
    {
        facts.Add(SampleFacts.Kept(900, epoch: 3));
        using var index = Open();
        Assert.Equal(facts.Count - 1, index.TrustedFacts);
        Assert.Equal("3-900", index.Latest(1)[0].Id);
    }

    [Fact]
    public void Open_AfterAFactThatCameTwice_StillTakesTheNextOne()
    {
        using (var index = Open())
        {
            var twice = SampleFacts.Kept(900, epoch: 3);
            facts.Add(twice);
            index.Apply(twice);
            index.Apply(twice);
        }

        facts.Add(SampleFacts.Label(900, "good", epoch: 3));
        using var again = Open();
        Assert.NotNull(again.TrustedFacts);
        Assert.Equal("good", again.ById("3-900")!.Label);
    }

    [Fact]
    public void Open_Deleted_IsMadeAnewTheSame()
    {
        File.Delete(IndexPath);
        using var index = Open();
        Assert.Equal(expected, SampleFacts.Describe(index));
    }

    [Fact]
    public void Open_NotClosed_IsMadeAnewTheSame()
    {
        var copy = IndexPath + ".copy";
        using (Open()) File.Copy(IndexPath, copy);
        File.Move(copy, IndexPath, overwrite: true);
        using var index = Open();
        Assert.Null(index.TrustedFacts);
        Assert.Equal(expected, SampleFacts.Describe(index));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Open_Overwritten_IsMadeAnewTheSame(int seed)
    {
        var bytes = File.ReadAllBytes(IndexPath);
        var random = new Random(seed);
        if (seed == 0) bytes = "not a database at all"u8.ToArray();
        else random.NextBytes(bytes.AsSpan(random.Next(seed == 1 ? 1 : 8192), 8192 * seed));
        File.WriteAllBytes(IndexPath, bytes);
        using var index = Open();
        Assert.Equal(expected, SampleFacts.Describe(index));
    }

    [Fact]
    public void Open_FewerFactsThanIndexed_IsMadeAnew()
    {
        facts.RemoveRange(100, facts.Count - 100);
        using var index = Open();
        Assert.Equal(facts.OfType<SampleKept>().Count(), index.Latest(int.MaxValue).Count);
    }

    [Fact]
    public void Open_AFactCouldNotBeTaken_IsMadeAnewTheSame()
    {
        facts.Add(SampleFacts.Kept(900, epoch: 3));
        // LiteDB refuses documents above 16 MB.
        var refused = SampleFacts.Kept(901, part: new string('x', 20_000_000), epoch: 3);
        using (var index = new SampleIndex(LinuxFileSystem.Instance, IndexPath))
        {
            index.Apply(refused);
            Assert.True(index.Broken.IsCompleted);
            Assert.Throws<IndexUnavailableException>(() => index.ById("3-900"));
        }
        using var again = Open();
        Assert.Null(again.TrustedFacts);
        Assert.Equal("3-900", again.Latest(1)[0].Id);
    }

    private SampleIndex Open() => new IndexRebuilder(IndexPath, NullLogger.Instance).Open(first => facts.Skip((int)first));
}
