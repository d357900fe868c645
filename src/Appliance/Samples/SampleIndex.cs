using Appliance.Journal;
using Inference.Jobs;
using LiteDB;

namespace Appliance.Samples;

/// <summary>
/// Samples, labels, training rounds and promotions, ready to be asked. Made from the journal's facts by <see cref="IndexRebuilder"/> and kept up by
/// <see cref="Apply"/>; never the truth. Every call is short and leaves no transaction open. Safe for several threads.
/// </summary>
internal sealed class SampleIndex : IDisposable
{
    private const int CheckpointEvery = 500;
    private readonly Lock gate = new();
    private readonly LiteDatabase database;
    private readonly ILiteCollection<BsonDocument> samples;
    private readonly FactHistory history;
    private readonly IndexMark mark;
    private readonly SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
    private long applied;
    private bool missed;
    private int sinceCheckpoint;

    /// <summary>Opens the file, or makes it, for this process alone.</summary>
    /// <exception cref="LiteException">It is damaged; other exceptions may say the same.</exception>
    public SampleIndex(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        database = new LiteDatabase(new ConnectionString { Filename = path, Connection = ConnectionType.Direct });
        try
        {
            samples = database.GetCollection("samples");
            samples.EnsureIndex("open");
            samples.EnsureIndex("partKey");
            history = new FactHistory(database);
            mark = new IndexMark(database);
            foreach (var row in samples.FindAll()) Count(SampleRow.Text(row["label"]), 1);
            TrustedFacts = mark.Take(samples.Count());
            applied = TrustedFacts ?? 0;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The number of facts that this file holds for sure, because it was closed in order; null when that is not known.</summary>
    public long? TrustedFacts { get; }

    /// <summary>
    /// Takes a fact that is durable in the journal, in the journal's order. A fact taken before changes nothing. After an exception (a full disk, say)
    /// dispose of this and open again through <see cref="IndexRebuilder"/>.
    /// </summary>
    public void Apply(Fact fact)
    {
        lock (gate)
        {
            // Stays true when the work below throws: a file that misses a fact must not be closed as complete.
            var before = missed;
            missed = true;
            Take(fact);
            applied++;
            if (++sinceCheckpoint >= CheckpointEvery)
            {
                sinceCheckpoint = 0;
                database.Checkpoint();
            }
            missed = before;
        }
    }

    /// <summary>As <see cref="Apply"/> for many, in one transaction.</summary>
    public void ApplyAll(IReadOnlyList<Fact> facts)
    {
        lock (gate)
        {
            database.BeginTrans();
            foreach (var fact in facts)
            {
                Take(fact);
                applied++;
            }
            database.Commit();
            database.Checkpoint();
        }
    }

    /// <summary>One sample; null when there is none of this id.</summary>
    public SampleDocument? ById(string sample)
    {
        lock (gate) return SampleRow.Key(sample) is { } key && samples.FindById(key) is { } row ? SampleRow.Read(row) : null;
    }

    /// <summary>What people have yet to look at, newest first.</summary>
    /// <param name="before">Sample id to page on from; null for the newest.</param>
    public IReadOnlyList<SampleDocument> Unlabelled(int limit, string? before = null)
    {
        lock (gate)
        {
            var query = samples.Query().Where("open > '' AND open < @0", Before(before)).OrderByDescending("open");
            return [.. query.Limit(limit).ToDocuments().Select(SampleRow.Read)];
        }
    }

    /// <summary>Samples that pass the filter, newest first.</summary>
    /// <param name="before">Sample id to page on from; null for the newest.</param>
    public IReadOnlyList<SampleDocument> Latest(int limit, SampleFilter? filter = null, string? before = null)
    {
        lock (gate)
        {
            var query = filter?.Part is { } part ? samples.Query().Where("partKey = @0", SampleRow.PartKey(part)).Where("part = @0", part).Where("_id < @0", Before(before)) : samples.Query().Where("_id < @0", Before(before));
            if (filter?.Verdict is { } verdict) query = query.Where("verdict = @0", verdict);
            if (filter?.Label is { } label) query = query.Where("label = @0", label);
            if (filter?.Camera is { } camera) query = query.Where("camera = @0", camera);
            return [.. query.OrderByDescending("_id").Limit(limit).ToDocuments().Select(SampleRow.Read)];
        }
    }

    /// <summary>Labelled samples a class; unlabelled ones under the empty name.</summary>
    public IReadOnlyDictionary<string, int> CountByLabel()
    {
        lock (gate) return new SortedDictionary<string, int>(counts, StringComparer.Ordinal);
    }

    /// <summary>Every sample with a kept embedding of this identity, oldest first, labelled or not. An unknown part is a part of its own.</summary>
    public IReadOnlyList<TrainingSample> TrainingRows(string embeddingIdentity)
    {
        lock (gate)
        {
            var rows = samples.Query().Where("identity = @0 AND row >= 0", embeddingIdentity).OrderBy("_id").ToEnumerable();
            return [.. rows.Select(r => (Id: r["sample"].AsString, Row: r)).Select(r => new TrainingSample(r.Id, SampleRow.Text(r.Row["part"]) ?? r.Id, r.Row["row"].AsInt64, SampleRow.Text(r.Row["label"])))];
        }
    }

    /// <summary>Training rounds, newest first.</summary>
    public IReadOnlyList<TrainingFinished> Trainings(int limit)
    {
        lock (gate) return history.Latest<TrainingFinished>(limit);
    }

    /// <summary>Promotions, newest first; the first is the live model.</summary>
    public IReadOnlyList<ModelPromoted> Promotions(int limit)
    {
        lock (gate) return history.Latest<ModelPromoted>(limit);
    }

    /// <summary>Marks the file as complete, if it is, and closes it.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            try
            {
                if (missed) return;
                mark.Leave(applied, samples.Count());
                database.Checkpoint();
            }
            finally
            {
                database.Dispose();
            }
        }
    }

    private static string Before(string? sample) => sample is null ? "~" : SampleRow.Key(sample) ?? throw new ArgumentException($"'{sample}' is no sample id.", nameof(sample));

    private void Take(Fact fact)
    {
        switch (fact)
        {
            case SampleKept kept: Keep(kept); break;
            case SampleLabelled label: AddLabel(label); break;
            case TrainingFinished or ModelPromoted: history.Add(fact); break;
        }
    }

    private void Keep(SampleKept kept)
    {
        if (SampleRow.Key(kept.Sample) is not { } key || samples.FindById(key) is not null) return;
        samples.Insert(SampleRow.Write(key, kept));
        Count(null, 1);
    }

    private void AddLabel(SampleLabelled label)
    {
        if (SampleRow.Key(label.Sample) is not { } key || samples.FindById(key) is not { } row) return;
        var before = SampleRow.Text(row["label"]);
        if (!SampleRow.AddLabel(row, label)) return;
        samples.Update(row);
        Count(before, -1);
        Count(label.Label, 1);
    }

    private void Count(string? label, int by) => counts[label ?? ""] = counts.GetValueOrDefault(label ?? "") + by;
}
