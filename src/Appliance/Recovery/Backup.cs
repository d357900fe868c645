using Appliance.Evidence;
using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Samples;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>What a backup has.</summary>
/// <param name="Missing">Files that a fact names and that are not there, or are damaged: the backup has them so.</param>
/// <param name="LeftOut">Files of a name that no backup has.</param>
internal sealed record BackupResult(string Path, long Bytes, int Files, BackupHead Head, IReadOnlyList<string> Missing, IReadOnlyList<string> LeftOut)
{
    public bool IsComplete => Missing.Count == 0 && LeftOut.Count == 0;
}

/// <summary>
/// Copies a state directory while its service runs or not. Facts are looked at first: whatever a fact names was on disk before the fact. Verdicts
/// after them, so that an accepted trigger has its verdict if it had one. Index, lock and quarantine are left out.
/// </summary>
internal sealed class Backup(IFileSystem files, string state, TimeProvider time, Progress progress)
{
    private readonly List<Fact> facts = [];
    private readonly List<string> missing = [];
    private readonly List<string> leftOut = [];
    private uint epoch;
    private ulong lastFact;

    /// <param name="to">A file that is not there yet, or a directory.</param>
    /// <exception cref="BackupException">It cannot be taken; nothing is under its name then.</exception>
    /// <exception cref="JournalException">A restore was cut off in the state directory, or a newer version has written to its journal.</exception>
    public BackupResult Write(string to)
    {
        RestoreMark.Check(state);
        JournalHeaders.RefuseNewer(state);
        // Before the verdicts: it names one of them.
        var outbox = Path.Combine(state, "outbox.json");
        var position = File.Exists(outbox) ? File.ReadAllBytes(outbox) : null;
        var journal = VerdictSegments.WithAnchors(state, TakeJournal);
        var station = JournalStation.Find(state)!;
        var head = new BackupHead(BackupHead.FormatName, BackupHead.NewestVersion, station, epoch, lastFact, time.GetUtcNow(), StationHost.Version);
        var path = Directory.Exists(to) ? Path.Combine(to, FormattableString.Invariant($"{station}-{head.TakenAt.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.tar")) : to;
        BackupWriter.RemoveLeftOvers(files, Path.GetDirectoryName(path)!, Directory.Exists(to) ? station + "-*.tar" : Path.GetFileName(path));
        if (Path.Exists(path)) throw new BackupException($"'{path}' is there already. A backup is never written over; name another file with --to.");
        using var writer = new BackupWriter(files, path);
        writer.Add(head);
        foreach (var file in journal) Copy(writer, file);
        if (position is not null) writer.Add("outbox.json", position);
        CopySamples(writer);
        CopyModels(writer);
        writer.Finish();
        return new BackupResult(path, new FileInfo(path).Length, writer.Files, head, missing, leftOut);
    }

    private List<FilePrefix> TakeJournal()
    {
        facts.Clear();
        (epoch, lastFact) = (0, 0);
        var factFiles = StreamSnapshot.Take(state, StreamKind.Facts, Remember);
        if (factFiles.Count == 0) throw new BackupException($"The journal in '{state}' is empty: there is nothing to back up.");
        return [.. factFiles, .. StreamSnapshot.Take(state, StreamKind.Verdicts, (head, _) => epoch = Math.Max(epoch, head.Id.Epoch))];
    }

    private void Remember(RecordHead head, ReadOnlyMemory<byte> payload)
    {
        lastFact = head.Index;
        if (head.Type == RecordType.Lost) return;
        var fact = FactCodec.Decode(head, payload.Span);
        if (fact is EpochStarted started) epoch = Math.Max(epoch, started.Epoch);
        if (fact is SampleKept or SampleRepaired or SamplesDeleted) facts.Add(fact);
    }

    private void CopySamples(BackupWriter writer)
    {
        var pictures = new PictureStore(files, SampleFiles.Pictures(state));
        foreach (var sample in SampleStates.Of(facts).Where(s => s.HasPicture).DistinctBy(s => s.Kept.Picture + s.Kept.Extension))
        {
            var path = pictures.PathOf(sample.Kept.Picture, sample.Kept.Extension);
            if (!File.Exists(path)) missing.Add(path);
            else if (Copy(writer, new(path, new FileInfo(path).Length)) is { } sum && sum != sample.Kept.Picture) missing.Add(path);
        }
        CopyAll(writer, SampleFiles.Embeddings(state), "*.emb");
        CopyEvidence(writer);
    }

    private void CopyEvidence(BackupWriter writer)
    {
        var evidence = new EvidenceStore(files, EvidenceStore.RootOf(state));
        foreach (var sample in SampleStates.Of(facts).Where(s => s.Evidence is not null))
        {
            if (!InspectionId.TryParse(sample.Kept.Sample, out var id)) continue;
            var path = evidence.PathOf(id);
            if (!File.Exists(path)) missing.Add(path);
            else if (Copy(writer, new(path, new FileInfo(path).Length)) is { } sum && sum != sample.Evidence) missing.Add(path);
        }
    }

    private void CopyModels(BackupWriter writer)
    {
        var models = Path.Combine(state, "models");
        if (Directory.Exists(models))
            foreach (var package in Directory.EnumerateDirectories(models).Where(d => !Path.GetFileName(d).StartsWith('.')).Order(StringComparer.Ordinal)) CopyAll(writer, package, "*");
        CopyAll(writer, Path.Combine(state, "backbones"), "*.onnx");
    }

    private void CopyAll(BackupWriter writer, string directory, string pattern)
    {
        if (!Directory.Exists(directory)) return;
        // Hidden ones are being written.
        foreach (var path in Directory.EnumerateFiles(directory, pattern).Where(p => !Path.GetFileName(p).StartsWith('.')).Order(StringComparer.Ordinal))
            Copy(writer, new(path, new FileInfo(path).Length));
    }

    // Null for a file that is left out.
    private string? Copy(BackupWriter writer, FilePrefix file)
    {
        var name = Path.GetRelativePath(state, file.Path);
        if (!BackupNames.Accepts(name))
        {
            leftOut.Add(file.Path);
            return null;
        }
        progress.Say($"{writer.Files} files, {writer.Bytes >> 20} MiB");
        try
        {
            return writer.Add(name, file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or EndOfStreamException)
        {
            throw new BackupException($"'{file.Path}' was deleted or cut while the backup was taken, as by a retention of verdicts. Nothing was written; take it again.", e);
        }
    }
}
