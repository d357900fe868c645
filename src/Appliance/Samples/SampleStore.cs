using Appliance.Evidence;
using Appliance.Journal;
using Inference.Embeddings;
using Inference.Evidence;

namespace Appliance.Samples;

/// <summary>Where a sample's files are.</summary>
/// <param name="Row">Of its embedding; -1 for none.</param>
/// <param name="Evidence">SHA-256 of its evidence; null for none.</param>
internal readonly record struct StoredSample(StoredPicture Picture, string? EmbeddingIdentity, long Row, string? Evidence);

/// <summary>
/// Keeps and gives up samples, one at a time: so no picture is deleted that is about to be named. Keeping goes picture, embedding row, evidence, journal, index; giving up
/// goes journal, index, files. So a fact never names what is not on disk, whenever the process dies. The one owner of the embedding file. Safe for several threads.
/// </summary>
internal sealed class SampleStore : IDisposable
{
    private readonly PictureStore pictures;
    private readonly EvidenceStore evidence;
    private readonly Func<EmbeddingFileWriter> openEmbeddings;
    private readonly string identity;
    private readonly StationJournal journal;
    private readonly SampleIndex index;
    private readonly SemaphoreSlim turn = new(1);
    private EmbeddingFileWriter? embeddings;

    /// <exception cref="EmbeddingFileException">The embedding file is damaged.</exception>
    public SampleStore(PictureStore pictures, EvidenceStore evidence, Func<EmbeddingFileWriter> openEmbeddings, EmbeddingSpec spec, StationJournal journal, SampleIndex index)
    {
        (this.pictures, this.evidence, this.openEmbeddings, identity, this.journal, this.index) = (pictures, evidence, openEmbeddings, spec.Identity, journal, index);
        embeddings = openEmbeddings();
    }

    /// <summary>Keeps one sample.</summary>
    /// <param name="store">Stores its picture.</param>
    /// <param name="embedding">[D] values; empty where there are none.</param>
    /// <param name="map">Its evidence; null for none.</param>
    /// <param name="describe">The facts that make it a sample, the kept one first; without them, picture and row are none, stay where they are and hurt nobody. Null to leave it.</param>
    /// <exception cref="IOException">The disk does not take it. So do <see cref="UnauthorizedAccessException"/> and <see cref="EmbeddingFileException"/>.</exception>
    /// <exception cref="JournalException">It could not be recorded.</exception>
    public async Task<bool> KeepAsync(InspectionId id, Func<PictureStore, StoredPicture> store, ReadOnlyMemory<float> embedding, EvidenceMap? map, Func<StoredSample, IReadOnlyList<Fact>?> describe)
    {
        await turn.WaitAsync();
        try
        {
            var picture = store(pictures);
            var row = embedding.IsEmpty ? -1 : Append(id, embedding.Span);
            var explained = map is null ? null : evidence.Store(id, map);
            if (describe(new(picture, row < 0 ? null : identity, row, explained)) is not { } facts) return false;
            foreach (var fact in facts)
            {
                await journal.AppendDurableAsync(fact, CancellationToken.None);
                index.Apply(fact);
            }

            return true;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Gives samples up for good. Their pictures go with <see cref="SweepAsync"/>.</summary>
    /// <param name="chosen">As they were when they were chosen.</param>
    /// <param name="mayGo">Asked of each once nobody can label it any more: who labelled it since keeps it.</param>
    /// <returns>Those that went.</returns>
    /// <exception cref="JournalException">It could not be recorded, and they stay.</exception>
    public async Task<IReadOnlyList<SampleDocument>> GiveUpAsync(IReadOnlyList<SampleDocument> chosen, Predicate<SampleDocument> mayGo, Func<IReadOnlyList<string>, SamplesDeleted> describe, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            await index.Turn.WaitAsync(cancellation);
            try
            {
                List<SampleDocument> going = [.. chosen.Where(s => mayGo(s))];
                if (going.Count == 0) return [];
                var fact = describe([.. going.Select(s => s.Id)]);
                await journal.AppendDurableAsync(fact, CancellationToken.None);
                index.Apply(fact);
                return going;
            }
            finally
            {
                index.Turn.Release();
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Deletes pictures that no sample has any more and evidence of samples that are given up, also those of a process that was killed before it came to it.</summary>
    /// <param name="limit">Most files at once.</param>
    /// <returns>How many files are gone, and how many of them are pictures.</returns>
    /// <exception cref="IOException">The disk fails; may be tried again.</exception>
    public async Task<(int Files, int Pictures)> SweepAsync(int limit, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            var doomed = index.Doomed(limit);
            foreach (var name in doomed) Delete(name);
            foreach (var name in doomed) index.Forget(name);
            return (doomed.Count, doomed.Count(name => DoomedFiles.SampleOf(name) is null));
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose()
    {
        embeddings?.Dispose();
        turn.Dispose();
    }

    private void Delete(string name)
    {
        if (DoomedFiles.SampleOf(name) is { } sample) evidence.Delete(sample);
        else pictures.Delete(name);
    }

    private long Append(InspectionId id, ReadOnlySpan<float> values)
    {
        embeddings ??= openEmbeddings();
        try
        {
            var row = embeddings.Append(id.Epoch, id.Sequence, values);
            embeddings.Sync();
            return row;
        }
        catch
        {
            // A sync that failed is never asked for again on the same descriptor.
            embeddings.Dispose();
            embeddings = null;
            throw;
        }
    }
}
