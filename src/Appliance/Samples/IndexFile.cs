using Appliance.Journal;
using Inference.Files;
using LiteDB;

namespace Appliance.Samples;

/// <summary>The LiteDB file behind <see cref="SampleIndex"/>, for this process alone. Every call is short and leaves no transaction open. One caller at a time.</summary>
/// <remarks>After an exception of LiteDB or the disk, dispose of it: what the file holds is not known.</remarks>
internal sealed class IndexFile : IDisposable
{
    private const int CheckpointEvery = 500;
    private readonly IFileSystem files;
    private readonly string path;
    private readonly IndexStream data;
    private readonly IndexStream log;
    private readonly LiteDatabase database;
    private readonly ILiteCollection<BsonDocument> samples;
    private readonly SampleQueries queries;
    private readonly DoomedFiles doomed;
    private readonly FactHistory history;
    private readonly IndexMark mark;
    private readonly IndexCounts counts = new();
    private bool missed;
    private int sinceCheckpoint;

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="LiteException">It is damaged; other exceptions may say the same.</exception>
    /// <param name="isThere">Whether a file of a sample is on disk, by its name as in <see cref="DoomedFiles"/>.</param>
    public IndexFile(IFileSystem files, string path, Predicate<string> isThere)
    {
        (this.files, this.path) = (files, path);
        files.CreateDirectory(Path.GetDirectoryName(path)!);
        data = new IndexStream(files.OpenScratch(path));
        LiteDatabase? opened = null;
        try
        {
            log = new IndexStream(files.OpenScratch(LogPath(path)));
            database = opened = new LiteDatabase(data, null, log);
            samples = database.GetCollection("samples");
            foreach (var field in SampleQueries.Indexed)
            {
                // One after the other, so that its log stays small on a disk that is nearly full.
                if (samples.EnsureIndex(field)) database.Checkpoint();
            }
            queries = new SampleQueries(samples);
            doomed = new DoomedFiles(database, isThere);
            history = new FactHistory(database);
            mark = new IndexMark(database);
            if (mark.Take(samples.Count()) is { } closed) (TrustedFacts, counts) = closed;
            // The mark is gone from the disk before anything changes.
            Sync();
            ThrowIfFailed();
        }
        catch
        {
            Quietly(() => opened?.Dispose());
            Quietly(data.Dispose);
            Quietly(() => log?.Dispose());
            throw;
        }
    }

    /// <summary>The number of facts that this file holds for sure, because it was closed in order; null when that is not known.</summary>
    public long? TrustedFacts { get; }

    public static string LogPath(string path) => Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path) + "-log" + Path.GetExtension(path));

    /// <param name="place">In the journal; null where it is not known, and then histories leave it out.</param>
    public void Apply(long? place, Fact fact)
    {
        // Stays true when the work below throws: a file that misses a fact must not be closed as complete.
        var before = missed;
        missed = true;
        Take(place, fact);
        if (++sinceCheckpoint >= CheckpointEvery)
        {
            sinceCheckpoint = 0;
            database.Checkpoint();
        }
        ThrowIfFailed();
        missed = before;
    }

    /// <param name="first">Place of the first of them in the journal.</param>
    public void ApplyAll(long first, IReadOnlyList<Fact> facts)
    {
        database.BeginTrans();
        for (var i = 0; i < facts.Count; i++) Take(first + i, facts[i]);
        database.Commit();
        database.Checkpoint();
        ThrowIfFailed();
    }

    public SampleQueries Samples => queries;

    public DoomedFiles Doomed => doomed;

    public IndexCounts Counts => counts;

    public FactHistory History => history;

    /// <summary>Whether it is of a kind that the file holds. Others change nothing.</summary>
    public static bool Holds(Fact fact) => fact is SampleKept or SampleLabelled or LabelsUndone or SamplesDeleted or SampleRepaired or TrainingFinished or ModelPromoted or ShadowEnded;

    /// <summary>Marks the file as complete up to a place in the journal, if it is, and closes it.</summary>
    public void Close(long facts)
    {
        try
        {
            if (missed) return;
            database.Checkpoint();
            Sync();
            if (data.Failure is not null || log.Failure is not null) return;
            mark.Leave(facts, counts);
            database.Checkpoint();
            Sync();
        }
        finally
        {
            CloseFiles();
        }
    }

    /// <summary>Closes it without a mark, whatever state it is in: it will be made anew.</summary>
    public void Dispose() => Quietly(CloseFiles);

    // LiteDB does not sync a stream that it was given. Any descriptor of a file syncs all of it.
    private void Sync()
    {
        data.Flush();
        using var file = files.OpenAppend(path);
        file.Sync();
    }

    // What LiteDB was not told.
    private void ThrowIfFailed()
    {
        if ((data.Failure ?? log.Failure) is { } failure) throw new IOException(failure.Message, failure);
    }

    private void CloseFiles()
    {
        try
        {
            database.Dispose();
        }
        finally
        {
            Quietly(data.Dispose);
            Quietly(log.Dispose);
        }
    }

    // LiteDB meets a failing disk with exceptions of many types.
    private static void Quietly(Action close)
    {
        try
        {
            close();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
        }
    }

    // False for one that changes nothing.
    private bool Take(long? place, Fact fact) => Holds(fact) && fact switch
    {
        SampleKept kept => Keep(kept),
        SampleLabelled label => AddLabel(label),
        LabelsUndone undone => undone.Labels.Aggregate(Remember(place, undone with { Labels = [] }), (changed, label) => Undo(label, undone) | changed),
        SamplesDeleted deleted => deleted.Samples.Aggregate(false, (changed, sample) => Delete(sample) | changed),
        SampleRepaired repaired => Repair(repaired),
        TrainingFinished or ModelPromoted or ShadowEnded => Remember(place, fact),
        _ => false,
    };

    private bool Remember(long? place, Fact fact) => place is { } known && history.Add(known, fact);

    private bool Keep(SampleKept kept)
    {
        if (!InspectionId.TryParse(kept.Sample, out var id)) return false;
        counts.See(id);
        var key = SampleRow.Key(id);
        if (samples.FindById(key) is not null) return false;
        var picture = SampleRow.Picture(kept);
        if (!queries.HasPicture(picture)) counts.AddPicture(kept.PictureBytes);
        doomed.Remove(picture);
        doomed.Remove(DoomedFiles.EvidenceOf(kept.Sample));
        var row = SampleRow.Write(key, kept);
        samples.Insert(row);
        counts.Add(row, 1);
        return true;
    }

    private bool Delete(string sample)
    {
        if (Row(sample) is not { } row) return false;
        samples.Delete(row["_id"]);
        counts.Add(row, -1);
        if (SampleRow.Read(row).Kept.Evidence is not null) doomed.Add(DoomedFiles.EvidenceOf(sample));
        var picture = row["picture"].AsString;
        if (queries.HasPicture(picture)) return true;
        counts.AddPicture(-row["pictureBytes"].AsInt64);
        doomed.Add(picture);
        return true;
    }

    private bool AddLabel(SampleLabelled label) => Change(label.Sample, row => SampleRow.AddLabel(row, label));

    private bool Undo(UndoneLabel label, LabelsUndone undone) => Change(label.Sample, row => SampleRow.Undo(row, label, undone));

    private bool Repair(SampleRepaired repaired)
    {
        Change(repaired.Sample, row =>
        {
            SampleRow.Repair(row, repaired);
            return true;
        });
        return false;
    }

    // False where there is no such sample, or nothing to change.
    private bool Change(string sample, Func<BsonDocument, bool> change)
    {
        if (Row(sample) is not { } row) return false;
        var before = new BsonDocument { ["label"] = row["label"], ["identity"] = row["identity"], ["row"] = row["row"] };
        if (!change(row)) return false;
        samples.Update(row);
        counts.Add(before, -1);
        counts.Add(row, 1);
        return true;
    }

    private BsonDocument? Row(string sample) => SampleRow.Key(sample) is { } key ? samples.FindById(key) : null;
}
