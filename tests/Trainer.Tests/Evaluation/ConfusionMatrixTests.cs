using Trainer.Evaluation;

namespace Trainer.Tests.Evaluation;

public class ConfusionMatrixTests
{
    // By hand: class a precision 2/3, recall 2/3; class b precision 1/2, recall 1/2.
    [Fact]
    public void Figures_KnownCounts_MatchThoseByHand()
    {
        var matrix = new ConfusionMatrix(["a", "b"], [0, 0, 0, 1, 1], [0, 0, 1, 1, 0]);

        Assert.Equal(0.6, matrix.Accuracy, 1e-12);
        Assert.Equal(2 / 3.0, matrix.Precision(0), 1e-12);
        Assert.Equal(0.5, matrix.Recall(1), 1e-12);
        Assert.Equal((2 / 3.0 + 0.5) / 2, matrix.MacroF1, 1e-12);
    }
}
