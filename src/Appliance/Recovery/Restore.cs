using System.Security.Cryptography;
using Appliance.Journal;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>What was restored, and where the old state lies, if there was one.</summary>
internal sealed record RestoreResult(BackupHead Head, uint NextEpoch, string? OldState, StateReport Report);

/// <summary>
/// Makes a state directory from a backup. Everything is unpacked, checked and prepared in a hidden directory inside, and only then moved to its place.
/// The lock is held all the time, so that no service starts in between.
/// </summary>
internal sealed class Restore(string from, string state, TimeProvider time, Progress progress)
{
    // The original may have gone on after the backup, and the same backup may be restored twice: see docs/decisions/015.
    private const uint EpochStep = 1_000_000;
    private const int EpochSpread = 10_000_000;

    private static readonly LinuxFileSystem Files = LinuxFileSystem.Instance;

    /// <param name="replace">Whether a state that is there may be moved aside.</param>
    /// <param name="station">The station that the backup must be of; null for that of the state that is there, or any.</param>
    /// <exception cref="BackupException">Refused; the state directory is as it was.</exception>
    /// <exception cref="JournalException">The state directory is in use.</exception>
    public RestoreResult Run(bool replace, string? station, string by)
    {
        if (!File.Exists(from)) throw new BackupException($"There is no backup '{from}'.");
        using var owned = StateLock.Take(state);
        RemoveLeftOvers();
        var old = RestoreMark.Contents(state);
        if (old.Count > 0 && !replace && !RestoreMark.IsSet(state))
            throw new BackupException($"'{state}' is not empty. Restore into another directory, or say --replace: then what is there is moved to '{Path.Combine(state, RestoreMark.OldStates)}'.");
        var expected = station ?? JournalStation.Find(state);
        var staging = Path.Combine(state, RestoreMark.NewStagingName());
        Directory.CreateDirectory(staging);
        try
        {
            var head = new BackupReader(from, progress).Unpack(staging, h => Accept(h, expected));
            var floor = Prepare(staging, head, by);
            var report = StateExamination.Look(staging, time, progress);
            return new RestoreResult(head, floor + 1, Swap(staging, old), report);
        }
        finally
        {
            if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
        }
    }

    private void Accept(BackupHead head, string? expected)
    {
        if (expected is not null && head.Station != expected)
            throw new BackupException($"The backup '{from}' is of station '{head.Station}', not of '{expected}'. Say --station {head.Station} if that is meant. Nothing was restored.");
    }

    /// <summary>The restored journal goes on beyond every epoch that may have been used, and has its index. Returns the epoch floor.</summary>
    private uint Prepare(string staging, BackupHead head, string by)
    {
        uint known = head.Epoch;
        foreach (var (_, fact) in FactReader.Read(SegmentFiles.Directory(staging, StreamKind.Facts)))
        {
            known = Math.Max(known, fact switch
            {
                EpochStarted started => started.Epoch,
                StateRestored restored => restored.EpochFloor,
                JournalRepaired repaired => repaired.EpochFloor,
                _ => 0,
            });
        }
        var floor = checked(known + EpochStep + (uint)RandomNumberGenerator.GetInt32(EpochSpread));
        OfflineJournal.Append(Files, staging, head.Station, [new StateRestored(head.TakenAt, head.Epoch, floor, by) { At = time.GetUtcNow() }], time);
        IndexExamination.Rebuild(staging, FactReader.Read(SegmentFiles.Directory(staging, StreamKind.Facts)).Select(r => r.Fact));
        return floor;
    }

    private string? Swap(string staging, IReadOnlyList<string> old)
    {
        RestoreMark.Set(Files, state);
        string? aside = null;
        if (old.Count > 0)
        {
            aside = Path.Combine(state, RestoreMark.OldStates, Path.GetFileName(new Quarantine(Files, state, time.GetUtcNow()).Name));
            for (var (name, again) = (aside, 2); Directory.Exists(aside); again++) aside = FormattableString.Invariant($"{name}.{again}");
            Files.CreateDirectory(aside);
            foreach (var path in old) Files.Rename(path, Path.Combine(aside, Path.GetFileName(path)));
            Files.SyncDirectory(aside);
        }
        foreach (var path in Directory.EnumerateFileSystemEntries(staging).Where(p => Path.GetFileName(p) is not (BackupHead.FileName or BackupHead.SumsName)).ToList())
            Files.Rename(path, Path.Combine(state, Path.GetFileName(path)));
        Files.SyncDirectory(state);
        RestoreMark.Clear(Files, state);
        return aside;
    }

    private void RemoveLeftOvers()
    {
        foreach (var path in RestoreMark.Stagings(state)) Directory.Delete(path, recursive: true);
    }
}
