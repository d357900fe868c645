using Appliance.Journal;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>What was restored, and where the old state lies, if there was one.</summary>
internal sealed record RestoreResult(BackupHead Head, uint NextEpoch, string? OldState, StateReport Report);

/// <summary>
/// Makes a state directory from a backup. Everything is unpacked, checked and prepared in a hidden directory inside, and only then moved to its place.
/// The lock is held all the time, so that no service starts in between.
/// </summary>
internal sealed class Restore(IFileSystem files, string from, string state, TimeProvider time, Progress progress)
{
    /// <param name="replace">Whether a state that is there may be moved aside.</param>
    /// <param name="station">The station that the backup must be of; null for that of the state that is there, or any.</param>
    /// <exception cref="BackupException">Refused; the state directory is as it was.</exception>
    /// <exception cref="JournalException">The state directory is in use, or it or the backup has a journal of a newer version.</exception>
    /// <exception cref="IOException">The state directory is as it was, or will be with the next restore, whatever that one is told.</exception>
    public RestoreResult Run(bool replace, string? station, string by)
    {
        if (!File.Exists(from) && !RestoreMark.IsSet(state)) throw new BackupException($"There is no backup '{from}'.");
        using var owned = StateLock.Take(state);
        var exchange = new StateExchange(files, state);
        exchange.GoBack();
        // Of its epochs nobody would know.
        JournalHeaders.RefuseNewer(state);
        RemoveLeftOvers();
        if (!File.Exists(from)) throw new BackupException($"There is no backup '{from}'. What a restore that was cut off had moved is back in its place.");
        if (!replace && RestoreMark.Contents(state).Count > 0)
            throw new BackupException($"'{state}' is not empty. Restore into another directory, or say --replace: then what is there is moved to '{Path.Combine(state, RestoreMark.OldStates)}'.");
        var expected = station ?? JournalStation.Find(state);
        var staging = Path.Combine(state, RestoreMark.NewStagingName());
        files.CreateDirectory(staging);
        try
        {
            var head = new BackupReader(files, from, progress).Unpack(staging, h => Accept(h, expected));
            JournalHeaders.RefuseNewer(staging);
            var floor = Prepare(staging, head, by);
            var report = StateExamination.Look(files, staging, time, progress);
            foreach (var directory in Directory.EnumerateDirectories(staging, "*", SearchOption.AllDirectories).Append(staging)) files.SyncDirectory(directory);
            return new RestoreResult(head, floor + 1, exchange.Run(staging, time.GetUtcNow()), report);
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
        var restored = UsedEpochs.Of(staging);
        var replaced = Path.Combine(state, RestoreMark.OldStates);
        var earlier = (Directory.Exists(replaced) ? Directory.EnumerateDirectories(replaced) : []).Append(state).Select(s => UsedEpochs.Of(s).Highest);
        var known = earlier.Append(restored.Highest).Append(head.Epoch).Max();
        var floor = RestoredEpochs.Floor(known, head.TakenAt, time.GetUtcNow()) ?? throw new BackupException($"Epoch {known} is near the last one that there is. Give the station another name, and begin with an empty state directory.");
        using (var journal = new OfflineJournal(files, staging, head.Station, restored.LastVerdict, time))
            journal.Append([new StateRestored(head.TakenAt, head.Epoch, floor, by) { At = time.GetUtcNow() }]);
        IndexExamination.Rebuild(files, staging);
        return floor;
    }

    private void RemoveLeftOvers()
    {
        foreach (var path in RestoreMark.Stagings(state)) Directory.Delete(path, recursive: true);
    }
}
