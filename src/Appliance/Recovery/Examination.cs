using Appliance.Journal;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>One walk through a state directory: what is found, and in a repair the facts that tell of it. One thread.</summary>
/// <param name="quarantine">Null to look only.</param>
internal sealed class Examination(string state, Quarantine? quarantine, IFileSystem files, TimeProvider time, Progress progress)
{
    public string State => state;

    /// <summary>Null when nothing may be changed.</summary>
    public Quarantine? Quarantine => quarantine;

    public IFileSystem Files => files;

    public TimeProvider Time => time;

    public Progress Progress => progress;

    public List<Finding> Findings { get; } = [];

    /// <summary>What a repair has to say, in order; written to the journal at its end.</summary>
    public List<Fact> Told { get; } = [];

    /// <summary>Every fact that can be read.</summary>
    public List<Fact> Facts { get; } = [];

    public void Add(string area, string path, string problem, string means, Remedy remedy, long? offset = null) =>
        Findings.Add(new(area, path, offset, problem, means, remedy));

    /// <summary>In a repair, moves something away and says so.</summary>
    public void SetAside(string path, string why)
    {
        if (quarantine is null) return;
        var original = quarantine.Move(path);
        Told.Add(new FileSetAside(Path.GetRelativePath(state, path), original, why) { At = time.GetUtcNow() });
    }
}
