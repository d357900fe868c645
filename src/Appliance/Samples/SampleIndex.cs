using System.Globalization;
using Appliance.Journal;
using Inference.Files;
using Inference.Jobs;

namespace Appliance.Samples;

/// <summary>How far an index is that is being made from the journal's facts.</summary>
internal sealed record IndexProgress(long Read, long Facts);

/// <summary>
/// Samples, labels, training rounds and promotions, ready to be asked. Made from the journal's facts by <see cref="IndexRebuilder"/> and kept up by
/// <see cref="Apply"/>; never the truth. When its file fails it is closed, and <see cref="IndexKeeper"/> makes it anew; so it does where a start finds none that it can trust. Safe for
/// several threads.
/// </summary>
internal sealed class SampleIndex : IDisposable
{
    private const int PageRows = 500;
    private readonly Lock gate = new();
    private IndexFile? file;
    private TaskCompletionSource broken = NewSignal();
    private TaskCompletionSource ready = NewSignal();
    // Facts that were applied while the file is being made anew.
    private List<Placed<Fact>>? meanwhile;
    private volatile string? trouble;
    private volatile IndexProgress? progress;

    /// <summary>Opens the file, or makes it, for this process alone.</summary>
    /// <exception cref="LiteDB.LiteException">It is damaged; other exceptions may say the same.</exception>
    /// <param name="isThere">Whether a file of a sample is on disk, by its name as in <see cref="DoomedFiles"/>; null where all may be.</param>
    public SampleIndex(IFileSystem files, string path, Predicate<string>? isThere = null)
    {
        file = new IndexFile(files, path, isThere ?? (_ => true));
        ready.SetResult();
    }

    private SampleIndex(string trouble)
    {
        this.trouble = trouble;
        broken.SetResult();
    }

    /// <summary>An index without a file: <see cref="IndexKeeper"/> makes it.</summary>
    /// <param name="trouble">Why there is none.</param>
    public static SampleIndex Missing(string trouble) => new(trouble);

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
    public string? Trouble => trouble is { } why && progress is { } p ? string.Create(CultureInfo.InvariantCulture, $"{why} ({p.Read} of {p.Facts} facts are read)") : trouble;

    /// <summary>Completes when its file fails.</summary>
    public Task Broken
    {
        get
        {
            lock (gate) return broken.Task;
        }
    }

    /// <summary>Completes when it can be asked, at once where it can.</summary>
    public Task Ready
    {
        get
        {
            lock (gate) return ready.Task;
        }
    }

    /// <summary>Takes a fact that is durable in the journal, in the journal's order. A fact taken before changes nothing. A file that fails is closed; the fact is found in the journal.</summary>
    public void Apply(Fact fact)
    {
        lock (gate)
        {
            var place = Place.Of(fact);
            if (place is { } known) meanwhile?.Add(new(known, fact));
            try
            {
                file?.Apply(place, fact);
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
    /// <param name="first">Place of the first of them in the journal.</param>
    public void ApplyAll(long first, IReadOnlyList<Fact> facts)
    {
        lock (gate) file!.ApplyAll(first, facts);
    }

    /// <summary>Says how far the index is that is being made.</summary>
    public void Say(IndexProgress read) => progress = read;

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
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            // What it was that broke the last file helps nobody to mend this.
            trouble = $"the last attempt failed: {e.Message.TrimEnd('.')}";
            throw;
        }
        finally
        {
            lock (gate)
            {
                if (fresh is not null) TakeOver(fresh, meanwhile!);
                (meanwhile, progress) = (null, null);
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
    public IReadOnlyList<TrainingSample> TrainingRows(string embeddingIdentity) => [.. TrainingPages(embeddingIdentity).SelectMany(p => p)];

    /// <summary>As <see cref="TrainingRows"/>, in pages: between two of them labels are taken, which would else wait for a hundred thousand samples. A label of meanwhile may be in or not.</summary>
    public IEnumerable<IReadOnlyList<TrainingSample>> TrainingPages(string embeddingIdentity)
    {
        string? after = null;
        while (Ask(f => f.Samples.TrainingRows(embeddingIdentity, after, PageRows)) is { Count: > 0 } page)
        {
            yield return page;
            after = page[^1].Sample;
        }
    }

    /// <summary>Training rounds, newest first.</summary>
    public IReadOnlyList<TrainingFinished> Trainings(int limit) => Facts<TrainingFinished>(limit);

    /// <summary>When labels were undone, by whom and why, newest first; which ones, the samples tell.</summary>
    public IReadOnlyList<LabelsUndone> Undone(int limit) => Facts<LabelsUndone>(limit);

    /// <summary>How shadow periods ended, newest first.</summary>
    public IReadOnlyList<ShadowEnded> ShadowsEnded(int limit) => Facts<ShadowEnded>(limit);

    /// <summary>Row of a sample's kept embedding of this identity; null when it has none.</summary>
    public long? RowOf(string sample, string embeddingIdentity) => Ask(f => f.Samples.RowOf(sample, embeddingIdentity));

    /// <summary>Promotions, newest first; the first is the live model.</summary>
    public IReadOnlyList<ModelPromoted> Promotions(int limit) => Facts<ModelPromoted>(limit);

    /// <summary>Facts of one kind with their places in the journal, newest first.</summary>
    /// <param name="before">A place to page on from; null for the newest.</param>
    public IReadOnlyList<Placed<T>> History<T>(int limit, long? before = null) where T : Fact => Ask(f => f.History.Latest<T>(limit, before));

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

    private IReadOnlyList<T> Facts<T>(int limit) where T : Fact => [.. History<T>(limit).Select(p => p.Fact)];

    private T Ask<T>(Func<IndexFile, T> question)
    {
        lock (gate)
        {
            if (file is null) throw new IndexUnavailableException(Trouble);
            try
            {
                return question(file);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Break(e);
                throw new IndexUnavailableException(Trouble, e);
            }
        }
    }

    private void TakeOver(SampleIndex fresh, IReadOnlyList<Placed<Fact>> since)
    {
        (file, fresh.file) = (fresh.file, null);
        try
        {
            foreach (var (place, fact) in since) file!.Apply(place, fact);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Break(e);
            return;
        }
        broken = NewSignal();
        trouble = null;
        ready.TrySetResult();
    }

    private void Break(Exception e)
    {
        file!.Dispose();
        file = null;
        trouble = $"its file failed: {e.Message.TrimEnd('.')}";
        if (ready.Task.IsCompleted) ready = NewSignal();
        broken.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // A mistake of the caller is no failure of the file.
    private static void CheckId(string? sample)
    {
        if (sample is not null && SampleRow.Key(sample) is null) throw new ArgumentException($"'{sample}' is no sample id.", nameof(sample));
    }
}
