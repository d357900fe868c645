using Trainer.Evaluation;

namespace Trainer.Tests.Evaluation;

public class PartBootstrapTests
{
    [Fact]
    public void Weights_PicturesOfOnePart_AreDrawnTogether()
    {
        string[] parts = ["a", "b", "a", "c", "b", "a"];

        foreach (var weights in new PartBootstrap(parts, resamples: 50).Weights())
        {
            Assert.Equal((weights[0], weights[0]), (weights[2], weights[5]));
            Assert.Equal(weights[1], weights[4]);
            Assert.Equal(3, weights[0] + weights[1] + weights[3]);
        }
    }

    [Fact]
    public void Middle_FewPartsOfManyPictures_IsWiderThanByPicture()
    {
        // Ten parts of ten pictures, all pictures of a part right or all wrong.
        var right = Enumerable.Range(0, 100).Select(i => i / 10 % 2 == 0 ? 1 : 0).ToArray();
        var byPart = Width([.. Enumerable.Range(0, 100).Select(i => $"{i / 10}")]);
        var byPicture = Width([.. Enumerable.Range(0, 100).Select(i => $"{i}")]);

        Assert.InRange(byPart, 2 * byPicture, 1);

        double Width(string[] parts)
        {
            var interval = PartBootstrap.Middle(new PartBootstrap(parts).Weights().Select(w => w.Zip(right).Sum(p => p.First * p.Second) / (double)w.Sum()));
            return interval.High - interval.Low;
        }
    }

    [Fact]
    public void Middle_ThousandValues_CutsTwoAndAHalfPercentEachSide() =>
        Assert.Equal(new Interval(25, 975), PartBootstrap.Middle(Enumerable.Range(0, 1001).Select(i => (double)i)));
}
