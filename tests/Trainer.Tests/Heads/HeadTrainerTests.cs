using Inference.Packages;
using Trainer.Heads;

namespace Trainer.Tests.Heads;

public class HeadTrainerTests
{
    [Fact]
    public void Train_SeparableClasses_JudgesPartsNotSeen()
    {
        var head = HeadTrainer.Train(Synthetic.Set(30, "good", "scratch", "pit"));

        Assert.Equal(["good", "pit", "scratch"], head.Classes);
        Assert.True(head.Metrics["macroF1"] > 0.95);
        Assert.Equal(90, head.OutOfFold.Count);
        Assert.Equal(1, head.Distances.Order().ElementAt(44), 0.05);
        Assert.Contains(head.Choices, c => c.StartsWith("slice s5 avg+max", StringComparison.Ordinal));
    }

    [Fact]
    public void Train_ClassInOneFoldOnly_IsLearntButHasNoSay()
    {
        var set = Synthetic.Set(20, "good", "pit", "scratch");
        set = set with { Samples = [.. set.Samples.Select(s => s.Label == "scratch" ? s with { Part = "only" } : s)] };

        var head = HeadTrainer.Train(set);

        Assert.Equal(["good", "pit", "scratch"], head.Classes);
        Assert.DoesNotContain(head.OutOfFold, p => p.Label == "scratch");
        Assert.DoesNotContain("recall.scratch", head.Metrics.Keys);
        Assert.Contains(head.Choices, c => c.StartsWith("scratch: all its parts fall into one fold", StringComparison.Ordinal));
        Assert.True(head.Probabilities[45][2] > 0.5);
    }

    [Fact]
    public void Train_AllDefectsInOneFold_AsksForMoreParts()
    {
        var set = Synthetic.Set(20, "good", "pit");
        set = set with { Samples = [.. set.Samples.Select(s => s.Label == "pit" ? s with { Part = "only" } : s)] };

        Assert.Contains("more parts", Assert.Throws<TrainingRefusedException>(() => HeadTrainer.Train(set)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_UnlabelledSamples_ServeTheStandardisationOnly()
    {
        var without = HeadTrainer.Train(Synthetic.Set(20, "good", "pit"));
        var with = HeadTrainer.Train(Synthetic.Set(20, "good", "pit", null));

        Assert.Equal(without.OutOfFold.Count, with.OutOfFold.Count);
        Assert.NotEqual(without.Head.Mean, with.Head.Mean);
    }

    [Fact]
    public void Train_FewLabels_TakesLastAverageAndSaysWhy()
    {
        var head = HeadTrainer.Train(Synthetic.Set(8, "good", "scratch"));

        Assert.Equal("s8.avg", head.Head.Slice.Name);
        Assert.Contains(head.Choices, c => c.Contains("middle class has 8 labels", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_TrainedHead_PassesParityAndIsReadBack()
    {
        var set = Synthetic.Set(20, "good", "scratch");
        var directory = Path.Combine(Directory.CreateTempSubdirectory("head").FullName, "model");

        var manifest = HeadPackage.Write(set, HeadTrainer.Train(set), null, directory, "test", TimeProvider.System);

        Assert.Equal(manifest.ModelId, PackageReader.Read(directory).Manifest.ModelId);
        Assert.Equal(8, manifest.Canaries.Count);
    }

    [Fact]
    public void Train_SameSetAndSeed_GivesTheSameNumbers()
    {
        var set = Synthetic.Set(20, "good", "scratch");

        Assert.Equal(HeadTrainer.Train(set).Head.Weights, HeadTrainer.Train(set).Head.Weights);
    }

    [Theory]
    [InlineData("Only one class", "good")]
    [InlineData("good class 'good' has no labelled sample", "scratch", "pit")]
    [InlineData("differ by case only", "good", "Pit", "pit")]
    [InlineData("label is empty", "good", " ")]
    public void Train_UnusableLabels_RefusesWithReason(string reason, params string[] labels)
    {
        var refused = Assert.Throws<TrainingRefusedException>(() => HeadTrainer.Train(Synthetic.Set(20, labels)));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_TooFewParts_SaysHowManyAreNeeded()
    {
        var refused = Assert.Throws<TrainingRefusedException>(() => HeadTrainer.Train(Synthetic.Set(4, "good", "scratch")));

        Assert.Contains("at least 8 are needed", refused.Message, StringComparison.Ordinal);
    }
}
