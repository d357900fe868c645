using Inference.Jobs;
using LiteDB;

namespace Appliance.Samples;

/// <summary>In which order unlabelled samples are shown.</summary>
internal enum LabelOrder
{
    /// <summary>Those first of which a label tells most, see <see cref="Uncertainty"/>; among equals the newest.</summary>
    Uncertain,

    Newest,
}

/// <summary>
/// What the index is asked about samples. Every list is read along a LiteDB index from where the page begins. Values stand beside the text of a query, never in
/// it: LiteDB keeps each text that it has compiled for as long as the process lives.
/// </summary>
internal sealed class SampleQueries(ILiteCollection<BsonDocument> samples)
{
    // Behind every key.
    private const string Top = "~";

    /// <summary>What LiteDB must sort by.</summary>
    public static IReadOnlyList<string> Indexed { get; } = ["open", "queue", "partKey", "disputed", "rank", "picture"];

    public SampleDocument? ById(string sample) => SampleRow.Key(sample) is { } key && samples.FindById(key) is { } row ? SampleRow.Read(row) : null;

    /// <param name="before">Sample to page on from.</param>
    public IReadOnlyList<SampleDocument> Unlabelled(int limit, string? before, LabelOrder order)
    {
        var query = order == LabelOrder.Newest
            ? samples.Query().Where("open > '' AND open < @0", KeyOf(before)).OrderByDescending("open")
            : samples.Query().Where("queue > '' AND queue < @0", QueueKeyOf(before)).OrderByDescending("queue");
        return Read(query, limit);
    }

    /// <param name="before">Sample to page on from.</param>
    public IReadOnlyList<SampleDocument> Latest(int limit, SampleFilter? filter, string? before)
    {
        var query = samples.Query();
        if (filter?.Part is { } part) query = query.Where("partKey = @0", SampleRow.PartKey(part)).Where("part = @0", part);
        query = filter?.Disputed == true ? query.Where("disputed > '' AND disputed < @0", KeyOf(before)) : query.Where("_id < @0", KeyOf(before));
        if (filter?.Verdict is { } verdict) query = query.Where("verdict = @0", verdict);
        if (filter?.Label is { } label) query = query.Where("label = @0", label);
        if (filter?.Camera is { } camera) query = query.Where("camera = @0", camera);
        if (filter?.Why is { } why) query = query.Where("why = @0", why);
        return Read(query.OrderByDescending(filter?.Disputed == true ? "disputed" : "_id"), limit);
    }

    public IReadOnlyList<SampleDocument> After(string? sample, int limit) =>
        Read(samples.Query().Where("_id > @0", sample is null ? "" : SampleRow.Key(sample)).OrderBy("_id"), limit);

    public IReadOnlyList<SampleDocument> Oldest(string rank, int limit, string? after) =>
        Read(samples.Query().Where("rank > @0 AND rank < @1", rank + (after is null ? "" : SampleRow.Key(after)), rank + Top).OrderBy("rank"), limit);

    public IReadOnlyList<SampleDocument> WithPicture(string picture) => Read(samples.Query().Where("picture = @0", picture), int.MaxValue);

    public bool HasPicture(string picture) => samples.Query().Where("picture = @0", picture).Limit(1).ToDocuments().Any();

    public IReadOnlyList<TrainingSample> TrainingRows(string embeddingIdentity, string? after, int limit)
    {
        var rows = samples.Query().Where("_id > @0", after is null ? "" : SampleRow.Key(after)).Where("identity = @0 AND row >= 0", embeddingIdentity).OrderBy("_id").Limit(limit).ToEnumerable();
        return [.. rows.Select(r => (Id: r["sample"].AsString, Row: r)).Select(r => new TrainingSample(r.Id, SampleRow.Text(r.Row["part"]) ?? r.Id, r.Row["row"].AsInt64, SampleRow.Text(r.Row["label"])))];
    }

    public long? RowOf(string sample, string embeddingIdentity) =>
        SampleRow.Key(sample) is { } key && samples.FindById(key) is { } row && SampleRow.Text(row["identity"]) == embeddingIdentity && row["row"].AsInt64 >= 0 ? row["row"].AsInt64 : null;

    private static string KeyOf(string? before) => before is null ? Top : SampleRow.Key(before)!;

    // Where a sample stood in the queue that has been labelled meanwhile.
    private string QueueKeyOf(string? before) => before is not null && ById(before) is { } sample ? SampleRow.QueueKey(SampleRow.Key(before)!, sample.Kept) : Top;

    private static List<SampleDocument> Read(ILiteQueryable<BsonDocument> query, int limit) => [.. query.Limit(limit).ToDocuments().Select(SampleRow.Read)];
}
