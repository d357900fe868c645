using Appliance.Capture.Simulation;

namespace Appliance.Demo;

/// <summary>What the demo's operator knows by looking: the class of a part.</summary>
internal abstract class Truth
{
    /// <summary>The class of a part, by its id or by the name of its file; null when nobody can know.</summary>
    public abstract string? Of(string? part, string? source);

    /// <summary>The label that means a good part.</summary>
    public abstract string GoodClass { get; }
}

/// <summary>The simulated line knows what it drew.</summary>
internal sealed class SimulatedTruth(int seed) : Truth
{
    public override string GoodClass => "good";

    public override string? Of(string? part, string? source) =>
        part is not null && PlateTruth.TryPlateOf(part, out var plate) ? PlateTruth.Of((ulong)seed, plate) : null;
}

/// <summary>A folder a class.</summary>
internal sealed class FolderTruth : Truth
{
    private static readonly string[] GoodNames = ["good", "ok", "free", "normal", "pass"];

    private FolderTruth(string good) => GoodClass = good;

    public override string GoodClass { get; }

    /// <summary>The classes are the folders with pictures in them.</summary>
    /// <exception cref="DemoException">There are fewer than two, two differ by case only, or none is a known word for good.</exception>
    public static FolderTruth Of(string folder)
    {
        if (!Directory.Exists(folder)) throw new DemoException($"The folder {folder} does not exist.");
        var classes = Directory.GetDirectories(folder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal).ToList();
        if (classes.Count < 2) throw new DemoException($"{folder} has {classes.Count} folder(s); the demo takes one folder a class, at least two, for example good/ and scratch/.");
        if (classes.GroupBy(c => c, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twins)
            throw new DemoException($"The class folders {string.Join(" and ", twins)} in {folder} differ by case only. Rename or merge them.");
        foreach (var name in classes)
        {
            if (!Directory.EnumerateFiles(Path.Combine(folder, name), "*", SearchOption.AllDirectories).Any())
                throw new DemoException($"The class folder {name} in {folder} is empty. Remove it, or put photographs in it.");
        }

        return classes.Find(c => GoodNames.Contains(c, StringComparer.OrdinalIgnoreCase)) is { } good
            ? new FolderTruth(good)
            : throw new DemoException($"None of the class folders ({string.Join(", ", classes)}) is named {string.Join(", ", GoodNames)}. Rename the folder of the good parts.");
    }

    public override string? Of(string? part, string? source) => source?.Split('/') is { Length: >= 2 } path ? path[0] : null;
}

/// <summary>The demo cannot go on; the message says why and what to do.</summary>
internal sealed class DemoException(string message) : Exception(message);
