using Inference.Embeddings;
using Inference.Evidence;
using Inference.Preparation;

namespace Inference.Tests.Evidence;

public sealed class AttributionTests
{
    private static readonly EmbeddingSpec Embedding = new(
        new string('a', 64), new PreparationSpec(), [new("s1.avg", 0, 2), new("s1.max", 2, 2), new("s2.avg", 4, 1), new("s2.max", 5, 1)]);

    private static readonly FeatureMap[] Maps = [new("s1", 2, 4, 4), new("s2", 1, 2, 2)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Explain_RandomMapsAndWeights_AddsUpToTheForm(int seed)
    {
        var random = new Random(seed);
        var values = Maps.ToDictionary(m => m, m => Enumerable.Range(0, m.Channels * m.Height * m.Width).Select(_ => random.NextSingle() * 4 - 1).ToArray());
        float[] Drawn(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
        var form = new LinearForm([0, 1, 2, 3, 5], Drawn(5), Drawn(5), random.NextSingle());

        var stages = Attribution.Explain(form, Embedding, Maps, m => values[m])!;

        var embedding = Pool(values);
        var expected = form.Bias + form.Columns.Select((c, i) => form.Weights[i] * (double)(embedding[c] - form.Baseline[i])).Sum();
        Assert.Equal(expected, form.Bias + stages.Sum(s => s.Values.Sum(v => (double)v)), 1e-5);
        Assert.Equal(["s1", "s2"], stages.Select(s => s.Stage));
        Assert.Equal(expected, EvidenceMap.Make("x", "y", form.Bias, stages, new(0, 0, 4, 4)).Score, 1e-5);
    }

    [Fact]
    public void Explain_AMaximum_IsAtItsPlaceAloneAndSharedByEqualOnes()
    {
        float[] s1 = [.. new float[16], 9, .. new float[14], 9];
        var stages = Attribution.Explain(new([3], [2], [1], 0), Embedding, Maps, _ => s1)!;
        float[] expected = [8, .. new float[14], 8];
        Assert.Equal(expected, Assert.Single(stages).Values);
    }

    [Fact]
    public void Explain_AnAverage_IsSpreadByWhatIsThere()
    {
        var stages = Attribution.Explain(new([4], [4], [1], 0), Embedding, Maps, _ => (float[])[0, 1, 2, 5])!;
        Assert.Equal([-1, 0, 1, 4], Assert.Single(stages).Values);
    }

    [Fact]
    public void Explain_ValuesWithoutAMap_IsNothing() => Assert.Null(Attribution.Explain(new([0, 4], [1, 1], [0, 0], 0), Embedding, Maps[..1], _ => new float[32]));

    [Fact]
    public void Grid_CoarseAndFineStage_KeepTheirSumAndTheirPlace()
    {
        var fine = new float[16];
        fine[2 * 4 + 1] = 3;
        var grid = EvidenceGrid.Of([new("s1", 4, 4, fine), new("s2", 2, 2, [0, 0, 8, 0])]);
        Assert.Equal((4, 4), (grid.Width, grid.Height));
        Assert.Equal((1, 2), grid.Peak());
        var sum = Enumerable.Range(0, 16).Sum(i => (double)grid[i % 4, i / 4]);
        Assert.Equal(11, sum, 16 * grid.Scale / 2);
        Assert.True(grid[0, 3] > grid[3, 0]);
    }

    [Fact]
    public void Grid_NothingAtAll_IsZeroEverywhere()
    {
        var grid = EvidenceGrid.Of([new("s1", 2, 1, [0, 0])]);
        Assert.Equal((0f, 0f), (grid[0, 0], grid[1, 0]));
    }

    [Fact]
    public void PeakPx_ARegionOfThePicture_IsInPixelsOfThePicture()
    {
        var values = new float[4];
        values[3] = 1;
        var map = EvidenceMap.Make("x", "y", 0, [new("s1", 2, 2, values)], new(100, 50, 40, 20));
        Assert.Equal((130, 65), map.PeakPx);
    }

    private static float[] Pool(Dictionary<FeatureMap, float[]> values)
    {
        var pooled = new float[Embedding.Length];
        foreach (var segment in Embedding.Segments)
        {
            var map = Maps.Single(m => segment.Name.StartsWith(m.Stage, StringComparison.Ordinal));
            for (var c = 0; c < segment.Length; c++)
            {
                var plane = values[map].Skip(c * map.Height * map.Width).Take(map.Height * map.Width).ToList();
                pooled[segment.Offset + c] = segment.Name.EndsWith("avg", StringComparison.Ordinal) ? plane.Average() : plane.Max();
            }
        }

        return pooled;
    }
}
