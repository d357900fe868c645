using Appliance.Journal;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>One walk through a state directory: what is found, and in a repair the facts that tell of it. One thread.</summary>
/// <param name="quarantine">Null to look only.</param>
internal sealed class Examination(string state, Quarantine? quarantine, IFileSystem files, TimeProvider time, Progress progress) : IDisposable
{
    private readonly List<Fact> told = [];
    private OfflineJournal? journal;
    private int written;
    private bool indexKept;

    public string State => state;

    /// <summary>Null when nothing may be changed.</summary>
    public Quarantine? Quarantine { get; private set; } = quarantine;

    public IFileSystem Files => files;

    public TimeProvider Time => time;

    public Progress Progress => progress;

    /// <summary>Whose state it is.</summary>
    public string Station { get; } = JournalStation.Find(state)
        ?? throw new JournalException($"No segment of the journal in '{state}' has a header that can be read, so nobody knows which station it belongs to. Restore a backup with 'appliance restore'.");

    /// <summary>As it was before a repair; nothing where one only looks.</summary>
    public UsedEpochs Used { get; } = quarantine is null ? default : UsedEpochs.Of(state);

    public List<Finding> Findings { get; } = [];

    /// <summary>Every fact that can be read.</summary>
    public List<Fact> Facts { get; } = [];

    /// <summary>What this repair has said so far.</summary>
    public IReadOnlyList<Fact> Told => told;

    public void Add(string area, string path, string problem, string means, Remedy remedy, long? offset = null) =>
        Findings.Add(new(area, path, offset, problem, means, remedy));

    /// <summary>A file that the disk or its permissions keep from us: nothing is said of what it holds, and it is not touched.</summary>
    public void AddUnreadable(string area, string path, Exception e) =>
        Add(area, path, $"it cannot be read: {e.Message}", "what it holds is not known. Mend the disk or the permissions, then do it again", Remedy.None);

    /// <summary>What could not be read decides on the rest: from here on nothing is changed.</summary>
    public void OnlyLook() => Quarantine = null;

    /// <summary>A repair will say so with the next <see cref="Write"/>.</summary>
    public void Tell(Fact fact) => told.Add(fact);

    /// <summary>Makes durable what was told. Each stage does before the next one begins, so that a repair that is cut off has said what it did.</summary>
    public void Write()
    {
        if (written == told.Count) return;
        journal ??= new OfflineJournal(files, state, Station, Used.LastVerdict, time);
        journal.Append(told.Skip(written));
        written = told.Count;
    }

    /// <summary>In a repair, moves something away, and says so before it does.</summary>
    public void SetAside(string path, string why)
    {
        if (Quarantine is not { } aside) return;
        var original = aside.PlaceFor(path);
        Tell(new FileSetAside(Path.GetRelativePath(state, path), original, why) { At = time.GetUtcNow() });
        Write();
        aside.Move(path, original);
    }

    /// <summary>Facts are lost: the index may hold the last copy of what they said. Kept before anything else is changed, and once.</summary>
    public void KeepIndex()
    {
        var index = Path.Combine(state, "index");
        if (indexKept || !Directory.Exists(index)) return;
        indexKept = true;
        Add("index", index, "facts are lost that it may still hold", "a copy is kept in quarantine/ before it is made anew without them", Remedy.Restored);
        if (Quarantine is not { } aside) return;
        var copies = Directory.EnumerateFiles(index).Order(StringComparer.Ordinal).Select(f => aside.Copy(f)).ToList();
        foreach (var copy in copies) Tell(new FileSetAside("index", copy, "facts are lost that it may still hold; this is a copy") { At = time.GetUtcNow() });
    }

    public void Dispose() => journal?.Dispose();
}
