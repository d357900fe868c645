using Appliance.Journal;

namespace Appliance.Tests.Samples;

internal static class SampleFacts
{
    public const string Identity = "e1";

    private static readonly DateTimeOffset Start = new(2026, 3, 29, 1, 30, 0, 123, TimeSpan.Zero);

    public static SampleKept Kept(int number, string verdict = "NG", string? part = null, long row = 0, uint epoch = 1) => new(
        $"{epoch}-{number}", "cam", part, "plate", null, new string('a', 64), ".png", 10, Identity, row, verdict, "scratch", 0.5f, 1, "confident", null, null,
        Start.AddTicks(number), "verdict") { At = Start.AddTicks(number) };

    public static SampleLabelled Label(int number, string label, string by = "anna", string? before = null, uint epoch = 1) =>
        new($"{epoch}-{number}", label, before, by) { At = Start.AddTicks(1_000_000 + number * 31L + label.Length) };

    /// <summary>What an index says of everything, to compare two.</summary>
    public static string Describe(Appliance.Samples.SampleIndex index) => string.Join('\n',
        index.Latest(int.MaxValue).Select(s => $"{s.Kept} {s.Label} {string.Join(';', s.History)}")
            .Concat(index.Unlabelled(int.MaxValue).Select(s => s.Id))
            .Concat(index.CountByLabel().Where(c => c.Value != 0).Select(c => c.ToString()))
            .Concat(index.TrainingRows(Identity).Select(r => r.ToString()))
            .Concat(index.Trainings(int.MaxValue).Select(t => t.ToString()))
            .Concat(index.Promotions(int.MaxValue).Select(p => p.ToString())));

    /// <summary>Facts as a station could write them: samples over two epochs, labels, relabels, rounds, promotions.</summary>
    public static List<Fact> Random(int seed, int count)
    {
        var random = new Random(seed);
        var facts = new List<Fact>();
        for (var i = 1; i <= count; i++)
        {
            facts.Add(Kept(i, random.Next(2) == 0 ? "NG" : "UNSURE", random.Next(3) == 0 ? $"p{i / 2}" : null, random.Next(4) == 0 ? -1 : i, (uint)(1 + i * 2 / count)));
            if (random.Next(2) == 0 && facts[random.Next(facts.Count)] is SampleKept some && InspectionId.TryParse(some.Sample, out var id))
                facts.Add(Label((int)id.Sequence, random.Next(2) == 0 ? "good" : "scratch", epoch: id.Epoch));
            if (random.Next(20) == 0) facts.Add(new TrainingFinished($"j{i}", "promoted", "m", "better", i, "anna") { At = Start.AddSeconds(i) });
            if (random.Next(20) == 0) facts.Add(new ModelPromoted($"m{i}", "p", null, "anna", "job") { At = Start.AddSeconds(i) });
        }
        return facts;
    }
}
