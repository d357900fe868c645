using Trainer.Evaluation;

namespace Trainer.Tests.Evaluation;

public class CalibrationErrorTests
{
    // Two bins by hand: three at 0.9 of which two are right, one at 0.6 which is wrong: (|2.7 - 2| + |0.6 - 0|) / 4.
    [Fact]
    public void Of_KnownPredictions_MatchesThatByHand() =>
        Assert.Equal(0.325, CalibrationError.Of([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.6, 0.4]], [0, 0, 0, 1]), 1e-12);

    [Fact]
    public void Of_CertainAndRight_IsZero() => Assert.Equal(0, CalibrationError.Of([[1, 0], [0, 1]], [0, 1]));

    [Fact]
    public void Of_Nothing_IsZero() => Assert.Equal(0, CalibrationError.Of([], []));
}
