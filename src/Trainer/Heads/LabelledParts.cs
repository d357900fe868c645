namespace Trainer.Heads;

/// <summary>
/// The labelled samples of a training set as arrays, in the order that the head is fitted in. Refuses what cannot give a head.
/// </summary>
internal sealed class LabelledParts
{
    /// <summary>Fewer labelled parts than this say nothing about parts not seen.</summary>
    public const int LeastParts = 8;

    private LabelledParts(IReadOnlyList<string> classes, int[] rows, int[] labels, int[] folds)
    {
        Classes = classes;
        Rows = rows;
        Labels = labels;
        Folds = folds;
        Counts = [.. Enumerable.Range(0, classes.Count).Select(c => labels.Count(l => l == c))];
        HasSay = [.. Enumerable.Range(0, classes.Count).Select(c => FoldsOf(c) > 1)];
    }

    /// <summary>Class names: the good one first, the others by name.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Index into the training set of each labelled sample.</summary>
    public int[] Rows { get; }

    /// <summary>Class index of each.</summary>
    public int[] Labels { get; }

    /// <summary>Fold of each, 0..4.</summary>
    public int[] Folds { get; }

    /// <summary>Labelled samples a class.</summary>
    public int[] Counts { get; }

    /// <summary>Whether the class lies in more than one fold, so that a head which has not seen a part of it knows the class at all.</summary>
    public bool[] HasSay { get; }

    public int Count => Rows.Length;

    /// <summary>Folds with at least one labelled sample.</summary>
    public IReadOnlyList<int> UsedFolds => [.. Folds.Distinct().Order()];

    /// <param name="set">Where the samples are.</param>
    /// <param name="foldOf">Fold of a part id.</param>
    /// <exception cref="TrainingRefusedException">Labels or parts do not suffice.</exception>
    public static LabelledParts From(TrainingSet set, Func<string, int> foldOf)
    {
        var samples = set.Samples;
        var rows = Enumerable.Range(0, samples.Count).Where(i => samples[i].Label is not null).ToArray();
        var names = rows.Select(r => samples[r].Label!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var parts = new PartCounts([.. rows.Select(r => samples[r])]);
        CheckNames(names, set.GoodClass, parts);
        names.Remove(set.GoodClass);
        names.Insert(0, set.GoodClass);
        if (parts.Total < LeastParts)
            throw new TrainingRefusedException($"Too few parts: {parts.Total} labelled, at least {LeastParts} are needed, over {names.Count} classes ({parts.Say(names)}). Label more parts.");
        var result = new LabelledParts(
            names, rows, [.. rows.Select(r => names.IndexOf(samples[r].Label!))], [.. rows.Select(r => foldOf(samples[r].Part))]);
        result.CheckFolds();
        return result;
    }

    private static void CheckNames(List<string> names, string good, PartCounts parts)
    {
        if (names.Any(string.IsNullOrWhiteSpace)) throw new TrainingRefusedException("A label is empty: name the class of every labelled sample.");
        var twins = names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1);
        if (twins is not null)
            throw new TrainingRefusedException($"Class names differ by case only: {string.Join(", ", twins)}. Rename one, or label their samples alike.");
        if (names.Count == 0) throw new TrainingRefusedException("No class has labelled parts to train on: label parts of the good class and of at least one defect, two of each at least.");
        if (!names.Contains(good))
            throw new TrainingRefusedException($"The good class '{good}' has no labelled sample (labelled are {parts.Say(names)}). Label good parts, or name the good class.");
        if (names.Count == 1) throw new TrainingRefusedException($"Only one class is labelled ({parts.Say(names)}): a head needs the good class and at least one defect, each with two parts at least.");
    }

    private void CheckFolds()
    {
        if (HasSay[0] && HasSay.Skip(1).Any(s => s)) return;
        var thin = Classes.Where((_, c) => !HasSay[c]);
        throw new TrainingRefusedException(
            $"Too few parts to test a head on parts that it has not seen: all parts of {string.Join(", ", thin)} fall into one fold. A class needs two parts at least, and two may still fall into the same: label about 3 more parts of each.");
    }

    private int FoldsOf(int label) => Labels.Zip(Folds).Where(p => p.First == label).Select(p => p.Second).Distinct().Count();
}
