using System.Collections;
using System.Reflection;
using Appliance.Journal;
using Appliance.Samples;
using Inference.Files;
using LiteDB;
using Testing.Files;

namespace Appliance.Tests.Samples;

/// <summary>LiteDB keeps every text of a query that it has compiled, some 30 kB each, until the process ends.</summary>
public sealed class CompiledQueriesTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Index_TwoHundredRoundsOfEverything_CompilesNoQueryMoreThanTheFirstTwoDid()
    {
        using var index = new SampleIndex(LinuxFileSystem.Instance, SampleFiles.Index(directory.Path));
        for (var i = 1; i <= 2; i++) Round(index, i);
        var before = Texts();
        Assert.NotEmpty(before);
        for (var i = 3; i <= 200; i++) Round(index, i);
        // Those of other tests, which may run beside this one, are queries of the same kinds: with values in the text there would be hundreds.
        var added = Texts().Except(before).ToList();
        foreach (var text in added) output.WriteLine(text);
        Assert.InRange(added.Count, 0, 40);
        Assert.DoesNotContain(added, t => t.Contains("round-", StringComparison.Ordinal) || t.Contains("0000000001-", StringComparison.Ordinal));
    }

    private static void Round(SampleIndex index, int round)
    {
        var (kept, name) = (SampleFacts.Kept(round, part: $"round-{round}") with { Picture = $"round-{round}" }, $"round-{round}");
        index.Apply(kept);
        var label = SampleFacts.Label(round, name);
        index.Apply(label);
        index.Apply(new SampleRepaired(kept.Sample, true, SampleFacts.Identity, round, "moved") { At = label.At });
        Fact[] history =
        [
            new LabelsUndone([new(label.Sample, label.Label, label.By, label.At)], "karl", name) { At = label.At }, new ModelPromoted(name, "p", null, "anna", "job") { At = label.At },
            new TrainingFinished(name, "promoted", name, "better", round, "anna") { At = label.At },
        ];
        for (var i = 0; i < history.Length; i++)
        {
            index.Place.Written(3 * round + i, history[i]);
            index.Apply(history[i]);
        }

        index.History<ModelPromoted>(2, 3 * round);
        index.Unlabelled(2, kept.Sample, LabelOrder.Uncertain);
        index.Unlabelled(2, kept.Sample);
        index.Latest(2, new("NG", name, "cam", name, "verdict"), kept.Sample);
        index.Latest(2, new(Disputed: true), kept.Sample);
        index.After(kept.Sample, 2);
        index.Oldest(RetentionRank.Unlabelled, 2, kept.Sample);
        index.WithPicture(SampleRow.Picture(kept));
        index.TrainingRows($"round-{round}");
        index.Trainings(2);
        index.Promotions(2);
        index.Undone(2);
        index.Apply(new SamplesDeleted([kept.Sample], "retention", name) { At = label.At });
        foreach (var picture in index.Doomed(9)) index.Forget(picture);
    }

    private static HashSet<string> Texts() =>
    [
        .. typeof(BsonExpression).GetFields(BindingFlags.NonPublic | BindingFlags.Static).Select(f => f.GetValue(null)).OfType<IDictionary>().SelectMany(d => d.Keys.OfType<string>()),
    ];
}
