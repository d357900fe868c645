using Appliance.Journal;
using Inference.Files;
using Inference.Jobs;
using LiteDB;

namespace Appliance.Samples;

/// <summary>The LiteDB file behind <see cref="SampleIndex"/>, for this process alone. Every call is short and leaves no transaction open. One caller at a time.</summary>
/// <remarks>After an exception of LiteDB or the disk, abandon it: what the file holds is not known.</remarks>
internal sealed class IndexFile : IDisposable
{
    private const int CheckpointEvery = 500;
    private readonly IFileSystem files;
    private readonly string path;
    private readonly IndexStream data;
    private readonly IndexStream log;
    private readonly LiteDatabase database;
    private readonly ILiteCollection<BsonDocument> samples;
    private readonly FactHistory history;
    private readonly IndexMark mark;
    private readonly SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
    private bool missed;
    private int sinceCheckpoint;

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="LiteException">It is damaged; other exceptions may say the same.</exception>
    public IndexFile(IFileSystem files, string path)
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
            samples.EnsureIndex("open");
            samples.EnsureIndex("partKey");
            history = new FactHistory(database);
            mark = new IndexMark(database);
            foreach (var row in samples.FindAll()) Count(SampleRow.Text(row["label"]), 1);
            TrustedFacts = mark.Take(samples.Count());
            // The mark is gone from the disk before anything changes.
            Sync();
            ThrowIfFailed();
            Applied = TrustedFacts ?? 0;
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

    /// <summary>So many facts from the first one of the journal on are in it; never more than that, though some after them may be.</summary>
    public long Applied { get; private set; }

    public static string LogPath(string path) => Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path) + "-log" + Path.GetExtension(path));

    public void Apply(Fact fact)
    {
        // Stays true when the work below throws: a file that misses a fact must not be closed as complete.
        var before = missed;
        missed = true;
        // One that comes twice, because it was read from the journal already, counts once.
        if (Take(fact)) Applied++;
        if (++sinceCheckpoint >= CheckpointEvery)
        {
            sinceCheckpoint = 0;
            database.Checkpoint();
        }
        ThrowIfFailed();
        missed = before;
    }

    public void ApplyAll(IReadOnlyList<Fact> facts)
    {
        database.BeginTrans();
        foreach (var fact in facts)
        {
            Take(fact);
            Applied++;
        }
        database.Commit();
        database.Checkpoint();
        ThrowIfFailed();
    }

    public SampleDocument? ById(string sample) => SampleRow.Key(sample) is { } key && samples.FindById(key) is { } row ? SampleRow.Read(row) : null;

    /// <param name="before">Key to page on from.</param>
    public IReadOnlyList<SampleDocument> Unlabelled(int limit, string before)
    {
        var query = samples.Query().Where("open > '' AND open < @0", before).OrderByDescending("open");
        return [.. query.Limit(limit).ToDocuments().Select(SampleRow.Read)];
    }

    /// <param name="before">Key to page on from.</param>
    public IReadOnlyList<SampleDocument> Latest(int limit, SampleFilter? filter, string before)
    {
        var query = filter?.Part is { } part ? samples.Query().Where("partKey = @0", SampleRow.PartKey(part)).Where("part = @0", part).Where("_id < @0", before) : samples.Query().Where("_id < @0", before);
        if (filter?.Verdict is { } verdict) query = query.Where("verdict = @0", verdict);
        if (filter?.Label is { } label) query = query.Where("label = @0", label);
        if (filter?.Camera is { } camera) query = query.Where("camera = @0", camera);
        return [.. query.OrderByDescending("_id").Limit(limit).ToDocuments().Select(SampleRow.Read)];
    }

    public IReadOnlyDictionary<string, int> CountByLabel() => new SortedDictionary<string, int>(counts, StringComparer.Ordinal);

    public IReadOnlyList<TrainingSample> TrainingRows(string embeddingIdentity)
    {
        var rows = samples.Query().Where("identity = @0 AND row >= 0", embeddingIdentity).OrderBy("_id").ToEnumerable();
        return [.. rows.Select(r => (Id: r["sample"].AsString, Row: r)).Select(r => new TrainingSample(r.Id, SampleRow.Text(r.Row["part"]) ?? r.Id, r.Row["row"].AsInt64, SampleRow.Text(r.Row["label"])))];
    }

    public IReadOnlyList<T> History<T>(int limit) where T : Fact => history.Latest<T>(limit);

    /// <summary>Marks the file as complete, if it is, and closes it.</summary>
    public void Dispose()
    {
        try
        {
            if (missed) return;
            database.Checkpoint();
            Sync();
            if (data.Failure is not null || log.Failure is not null) return;
            mark.Leave(Applied, samples.Count());
            database.Checkpoint();
            Sync();
        }
        finally
        {
            Close();
        }
    }

    /// <summary>Closes it without a mark, whatever state it is in: it will be made anew.</summary>
    public void Abandon() => Quietly(Close);

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

    private void Close()
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
    private bool Take(Fact fact) => fact switch
    {
        SampleKept kept => Keep(kept),
        SampleLabelled label => AddLabel(label),
        SampleRepaired repaired => Repair(repaired),
        TrainingFinished or ModelPromoted => history.Add(fact),
        _ => false,
    };

    private bool Keep(SampleKept kept)
    {
        if (SampleRow.Key(kept.Sample) is not { } key || samples.FindById(key) is not null) return false;
        samples.Insert(SampleRow.Write(key, kept));
        Count(null, 1);
        return true;
    }

    private bool Repair(SampleRepaired repaired)
    {
        if (SampleRow.Key(repaired.Sample) is not { } key || samples.FindById(key) is not { } row) return false;
        SampleRow.Repair(row, repaired);
        samples.Update(row);
        return false;
    }

    private bool AddLabel(SampleLabelled label)
    {
        if (SampleRow.Key(label.Sample) is not { } key || samples.FindById(key) is not { } row) return false;
        var before = SampleRow.Text(row["label"]);
        if (!SampleRow.AddLabel(row, label)) return false;
        samples.Update(row);
        Count(before, -1);
        Count(label.Label, 1);
        return true;
    }

    private void Count(string? label, int by) => counts[label ?? ""] = counts.GetValueOrDefault(label ?? "") + by;
}
