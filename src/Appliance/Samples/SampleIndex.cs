using Appliance.Journal;
using Inference.Files;
using Inference.Jobs;

namespace Appliance.Samples;

/// <summary>
/// Samples, labels, training rounds and promotions, ready to be asked. Made from the journal's facts by <see cref="IndexRebuilder"/> and kept up by
/// <see cref="Apply"/>; never the truth. When its file fails it is closed, and <see cref="IndexKeeper"/> makes it anew. Safe for several threads.
/// </summary>
internal sealed class SampleIndex : IDisposable
{
    private readonly Lock gate = new();
    private IndexFile? file;
    private TaskCompletionSource broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // Facts that were applied while the file is being made anew.
    private List<Fact>? meanwhile;
    private volatile string? trouble;

    /// <summary>Opens the file, or makes it, for this process alone.</summary>
    /// <exception cref="LiteDB.LiteException">It is damaged; other exceptions may say the same.</exception>
    public SampleIndex(IFileSystem files, string path) => file = new IndexFile(files, path);

    /// <summary>The number of facts that this file holds for sure, because it was closed in order; null when that is not known.</summary>
    public long? TrustedFacts => file?.TrustedFacts;

    /// <summary>How far into the journal it is sure to be.</summary>
    public IndexPlace Place { get; } = new();

    /// <summary>
    /// Held from the look at a sample until the fact that follows from it is here: by who labels it, puts it on the must-catch list or gives it up. So no label is taken of a sample that is being given up.
    /// Nothing else is waited for while it is held but the journal.
    /// </summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>Why it cannot be asked at present; null while it can.</summary>
    public string? Trouble => trouble;

    /// <summary>Completes when its file fails.</summary>
    public Task Broken
    {
        get
        {
            lock (gate) return broken.Task;
        }
    }

    /// <summary>Takes a fact that is durable in the journal, in the journal's order. A fact taken before changes nothing. A file that fails is closed; the fact is found in the journal.</summary>
    public void Apply(Fact fact)
    {
        lock (gate)
        {
            meanwhile?.Add(fact);
            try
            {
                file?.Apply(fact);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Break(e);
            }

            // Where there is no file, the one that is made anew from the journal has it.
            Place.Reached(fact);
        }
    }

    /// <summary>As <see cref="Apply"/> for many, in one transaction, and with the file's exceptions.</summary>
    public void ApplyAll(IReadOnlyList<Fact> facts)
    {
        lock (gate) file!.ApplyAll(facts);
    }

    /// <summary>Goes on with the file of another index that is made from the facts now, and with those that come meanwhile.</summary>
    /// <param name="rebuild">From all facts that are written when it is called; its exceptions pass.</param>
    public void Replace(Func<SampleIndex> rebuild)
    {
        lock (gate)
        {
            if (file is not null) throw new InvalidOperationException("The index is in use.");
            meanwhile = [];
        }
        SampleIndex? fresh = null;
        try
        {
            fresh = rebuild();
        }
        finally
        {
            lock (gate)
            {
                if (fresh is not null) TakeOver(fresh, meanwhile!);
                meanwhile = null;
            }
        }
    }

    /// <summary>One sample; null when there is none of this id.</summary>
    public SampleDocument? ById(string sample) => Ask(f => f.Samples.ById(sample));

    /// <summary>What people have yet to look at.</summary>
    /// <param name="before">Sample id to page on from; null for the first page.</param>
    public IReadOnlyList<SampleDocument> Unlabelled(int limit, string? before = null, LabelOrder order = LabelOrder.Newest)
    {
        CheckId(before);
        return Ask(f => f.Samples.Unlabelled(limit, before, order));
    }

    /// <summary>Samples that pass the filter, newest first.</summary>
    /// <param name="before">Sample id to page on from; null for the newest.</param>
    public IReadOnlyList<SampleDocument> Latest(int limit, SampleFilter? filter = null, string? before = null)
    {
        CheckId(before);
        return Ask(f => f.Samples.Latest(limit, filter, before));
    }

    /// <summary>Samples after one, oldest first; null for the oldest. For walks through all of them that let others ask in between.</summary>
    public IReadOnlyList<SampleDocument> After(string? sample, int limit) => Ask(f => f.Samples.After(sample, limit));

    /// <summary>Samples of a rank in the order in which they are given up, see <see cref="RetentionRank"/>.</summary>
    /// <param name="after">Sample id to go on after; null for the oldest.</param>
    public IReadOnlyList<SampleDocument> Oldest(string rank, int limit, string? after = null) => Ask(f => f.Samples.Oldest(rank, limit, after));

    /// <summary>Samples that have this picture.</summary>
    /// <param name="picture">SHA-256, lower-case hex, and extension.</param>
    public IReadOnlyList<SampleDocument> WithPicture(string picture) => Ask(f => f.Samples.WithPicture(picture));

    /// <summary>Files of samples that are given up, and which may still be on disk, see <see cref="DoomedFiles"/>.</summary>
    public IReadOnlyList<string> Doomed(int limit) => Ask(f => f.Doomed.First(limit));

    /// <summary>A doomed file is gone from the disk.</summary>
    public void Forget(string name) => Ask(f =>
    {
        f.Doomed.Remove(name);
        return true;
    });

    /// <summary>Labelled samples a class; unlabelled ones under the empty name.</summary>
    public IReadOnlyDictionary<string, int> CountByLabel() => Ask(f => f.Counts.ByLabel());

    /// <summary>Labelled samples with an embedding of this identity.</summary>
    public int CountLabelled(string embeddingIdentity) => Ask(f => f.Counts.Labelled(embeddingIdentity));

    /// <summary>The highest number that an imported sample ever had.</summary>
    public ulong LastImported() => Ask(f => f.Counts.LastImported);

    /// <summary>How many samples there are, and the bytes of their pictures.</summary>
    public (int Samples, long PictureBytes) Size() => Ask(f => (f.Counts.Samples, f.Counts.PictureBytes));

    /// <summary>Every sample with a kept embedding of this identity, oldest first, labelled or not. An unknown part is a part of its own.</summary>
    public IReadOnlyList<TrainingSample> TrainingRows(string embeddingIdentity) => Ask(f => f.Samples.TrainingRows(embeddingIdentity));

    /// <summary>Training rounds, newest first.</summary>
    public IReadOnlyList<TrainingFinished> Trainings(int limit, string? before = null) => Ask(f => f.History<TrainingFinished>(limit, before));

    /// <summary>When labels were undone, by whom and why, newest first; which ones, the samples tell.</summary>
    public IReadOnlyList<LabelsUndone> Undone(int limit) => Ask(f => f.History<LabelsUndone>(limit));

    /// <summary>What was put on the must-catch list and taken off it, newest first.</summary>
    public IReadOnlyList<MustCatchChanged> MustCatchChanges() => Ask(f => f.History<MustCatchChanged>(int.MaxValue));

    /// <summary>The shadow period that has begun and not ended; null for none.</summary>
    public ShadowBegun? ShadowBegun() => Ask(f =>
        f.History<ShadowBegun>(1) is [var begun] && !(f.History<ShadowEnded>(1) is [var ended] && ended.Model == begun.Model && ended.At >= begun.At) ? begun : null);

    /// <summary>How shadow periods ended, newest first.</summary>
    public IReadOnlyList<ShadowEnded> ShadowsEnded(int limit) => Ask(f => f.History<ShadowEnded>(limit));

    /// <summary>Row of a sample's kept embedding of this identity; null when it has none.</summary>
    public long? RowOf(string sample, string embeddingIdentity) => Ask(f => f.Samples.RowOf(sample, embeddingIdentity));

    /// <summary>Promotions, newest first; the first is the live model.</summary>
    public IReadOnlyList<ModelPromoted> Promotions(int limit, string? before = null) => Ask(f => f.History<ModelPromoted>(limit, before));

    /// <summary>Marks the file as complete, if it is, and closes it. One that cannot be marked is made anew at the next start.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            try
            {
                file?.Close(Place.Sure);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // What is disposed of after it, the journal above all, must still be closed in order.
            }
            file = null;
        }
    }

    /// <summary>Closes the file without a mark.</summary>
    public void Abandon()
    {
        lock (gate)
        {
            file?.Dispose();
            file = null;
        }
    }

    private T Ask<T>(Func<IndexFile, T> question)
    {
        lock (gate)
        {
            if (file is null) throw new IndexUnavailableException(trouble);
            try
            {
                return question(file);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Break(e);
                throw new IndexUnavailableException(trouble, e);
            }
        }
    }

    private void TakeOver(SampleIndex fresh, IReadOnlyList<Fact> since)
    {
        (file, fresh.file) = (fresh.file, null);
        try
        {
            foreach (var fact in since) file!.Apply(fact);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Break(e);
            return;
        }
        broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        trouble = null;
    }

    private void Break(Exception e)
    {
        file!.Dispose();
        file = null;
        trouble = e.Message;
        broken.TrySetResult();
    }

    // A mistake of the caller is no failure of the file.
    private static void CheckId(string? sample)
    {
        if (sample is not null && SampleRow.Key(sample) is null) throw new ArgumentException($"'{sample}' is no sample id.", nameof(sample));
    }
}
