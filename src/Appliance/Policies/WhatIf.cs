using Appliance.Journal;
using Appliance.Models;
using Appliance.Samples;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Heads;
using Inference.Packages;

namespace Appliance.Policies;

/// <summary>A kept sample whose verdict would change.</summary>
/// <param name="Label">What people say of it; null while nobody has.</param>
/// <param name="Now">By the live model and its policy.</param>
/// <param name="Then">By the live model and the policy that is tried.</param>
internal sealed record ChangedVerdict(string Sample, string? Part, string? Label, DateTimeOffset GrabbedAt, Verdict Now, Verdict Then, string? Class, float Probability, float Distance, string Reason);

/// <summary>What a policy would have said of what was kept.</summary>
/// <param name="Judged">Kept embeddings of inspections, judged; imported pictures never had a verdict.</param>
/// <param name="Damaged">Rows that could not be read.</param>
/// <param name="Changed">Verdicts that would change, as <c>UNSURE to OK</c>, and how many.</param>
/// <param name="Newest">The newest of them.</param>
internal sealed record WhatIfResult(long Judged, long Damaged, IReadOnlyDictionary<string, long> Changed, IReadOnlyList<ChangedVerdict> Newest, double Milliseconds);

/// <summary>
/// Judges kept embeddings by the live model with two policies, and tells where they differ. Reads the embedding file alone, in blocks, on threads of low
/// priority; the index is asked for what is shown. So the memory does not grow with what was kept.
/// </summary>
internal sealed class WhatIf(ModelPackage live, DecisionPolicy tried, SampleIndex index, string embeddingFile)
{
    private const int BlockRows = 256;
    private readonly PolicyDecider now = new(live.Manifest.Classes, live.Manifest.GoodClass, live.Policy);
    private readonly PolicyDecider then = new(live.Manifest.Classes, live.Manifest.GoodClass, tried);
    private readonly Lock gate = new();
    private readonly Dictionary<(Verdict, Verdict), long> changes = [];
    // The newest: what is older than all of them goes first.
    private readonly PriorityQueue<(EmbeddingRowId Id, Verdict Now, Decision Then), long> newest = new();
    private long nextBlock;
    private long judged;
    private long damaged;

    /// <param name="since">From the first sample in the journal's order that was grabbed then or later, with all that were kept after it; null for all that was kept.</param>
    /// <param name="limit">How many changed verdicts are shown.</param>
    /// <exception cref="EmbeddingFileException">The file cannot be used.</exception>
    public async Task<WhatIfResult> RunAsync(DateTimeOffset? since, int limit, TimeProvider time, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        if (File.Exists(embeddingFile))
        {
            using var reader = new EmbeddingFileReader(embeddingFile, live.Manifest.Embedding);
            var (first, end) = (since is { } from ? FirstSince(reader, from) : 0, reader.Count);
            await Task.WhenAll(Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 1, 4)).Select(_ => QuietThread.RunAsync(() => Work(first, end, limit, cancellation))));
            cancellation.ThrowIfCancellationRequested();
        }

        var shown = newest.UnorderedItems.OrderByDescending(c => c.Priority).Select(c => Show(c.Element)).OfType<ChangedVerdict>().ToList();
        var table = changes.OrderByDescending(c => c.Value).ToDictionary(c => $"{c.Key.Item1.Word()} to {c.Key.Item2.Word()}", c => c.Value);
        return new(judged, damaged, table, shown, time.GetElapsedTime(start).TotalMilliseconds);
    }

    private void Work(long first, long end, int limit, CancellationToken cancellation)
    {
        var classes = live.Manifest.Classes.Count;
        using var reader = new EmbeddingFileReader(embeddingFile, live.Manifest.Embedding);
        using var head = new HeadBatch(live, BlockRows);
        var ids = new EmbeddingRowId[BlockRows];
        while (!cancellation.IsCancellationRequested)
        {
            var row = first + (Interlocked.Increment(ref nextBlock) - 1) * BlockRows;
            if (row >= end) return;
            var read = reader.ReadMany(row, head.Embeddings, ids);
            read = (int)Math.Min(read, end - row);
            head.Run();
            Compare(row, ids.AsSpan(0, read), head, classes, limit);
        }
    }

    private void Compare(long row, ReadOnlySpan<EmbeddingRowId> ids, HeadBatch head, int classes, int limit)
    {
        var (broken, inspected) = (0L, 0L);
        for (var i = 0; i < ids.Length; i++)
        {
            if (ids[i] == default)
            {
                broken++;
                continue;
            }

            // An imported picture never had a verdict.
            if (ids[i].Epoch == 0) continue;
            inspected++;
            var of = head.Probabilities.Slice(i * classes, classes);
            var distance = head.Distances[i];
            var (before, after) = (now.Decide(of, distance).Verdict, then.Decide(of, distance));
            if (before == after.Verdict) continue;
            lock (gate)
            {
                changes[(before, after.Verdict)] = changes.GetValueOrDefault((before, after.Verdict)) + 1;
                newest.Enqueue((ids[i], before, after), row + i);
                if (newest.Count > limit) newest.Dequeue();
            }
        }

        Interlocked.Add(ref judged, inspected);
        Interlocked.Add(ref damaged, broken);
    }

    // Rows stand in the order of the journal. Their times need not: a clock may have been set back between two of them. So it is not found by halving, but in steps and then row by row.
    private long FirstSince(EmbeddingFileReader reader, DateTimeOffset since)
    {
        var values = new float[live.Manifest.Embedding.Length];
        var count = reader.Count;
        var step = Math.Max(1, (long)Math.Sqrt(count));
        var from = 0L;
        for (var row = 0L; row < count && !IsSince(row, Math.Min(count, row + step)); row += step) from = row;
        while (from < count && !IsSince(from, from + 1)) from++;
        return from;

        // A row that is damaged or imported, or whose sample is gone, says nothing: the next one that does decides.
        bool IsSince(long row, long end)
        {
            for (; row < end; row++)
            {
                if (reader.TryRead(row, values, out var id) && id.Epoch != 0 && index.ById(Name(id)) is { } sample) return sample.Kept.GrabbedAt >= since;
            }

            return false;
        }
    }

    private ChangedVerdict? Show((EmbeddingRowId Id, Verdict Now, Decision Then) change) => index.ById(Name(change.Id)) is { } sample
        ? new(sample.Id, sample.Kept.Part, sample.Label, sample.Kept.GrabbedAt, change.Now, change.Then.Verdict, change.Then.Class, change.Then.Probability, change.Then.Distance, change.Then.Reason)
        : null;

    private static string Name(EmbeddingRowId id) => new InspectionId(id.Epoch, id.Sequence).ToString();
}
