using Trainer.Heads;

namespace Trainer.Tests.Heads;

public class ParityGateTests
{
    private static readonly TrainingSet Set = Synthetic.Set(20, "good", "scratch");
    private static readonly TrainedHead Head = HeadTrainer.Train(Set);

    [Fact]
    public void Check_GraphOfTheHead_Passes() => Check(Head.Head);

    [Fact]
    public void Check_OneWeightDiffers_RefusesAndNamesTheSample()
    {
        var weights = Head.Head.Weights.ToArray();
        weights[3] += 20;

        var refused = Assert.Throws<TrainingRefusedException>(() => Check(Head.Head with { Weights = weights }));

        Assert.Contains("disagree", refused.Message, StringComparison.Ordinal);
        Assert.Contains("sample", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_DistanceDiffers_Refuses() =>
        Assert.Throws<TrainingRefusedException>(() => Check(Head.Head with { Seen = Head.Head.Seen with { Unit = Head.Head.Seen.Unit * 1.01 } }));

    [Fact]
    public void Check_NotANumber_Refuses() =>
        Assert.Throws<TrainingRefusedException>(() => Check(Head.Head with { Bias = [float.NaN, 0] }));

    private static void Check(LinearHead written)
    {
        using var session = ParityGate.Open(HeadGraph.Build(written, Head.Classes, Set.Embedding.Length), Set.Embedding.Length, Head.Classes.Count);
        ParityGate.Check(Set, Head, session);
    }
}
