using System.Globalization;
using System.Text;
using Appliance.Journal;
using LiteDB;

namespace Appliance.Samples;

/// <summary>A fact and its place in the journal: how many facts are before it.</summary>
internal readonly record struct Placed<T>(long Place, T Fact) where T : Fact;

/// <summary>Training rounds, promotions, ends of shadow periods and undone labels in LiteDB, in the journal's order, whatever the clock said.</summary>
internal sealed class FactHistory(LiteDatabase database)
{
    private readonly ILiteCollection<BsonDocument> facts = database.GetCollection("history");

    /// <summary>False for one that is there.</summary>
    public bool Add(long place, Fact fact) =>
        facts.Upsert(new BsonDocument { ["_id"] = IdOf(fact.GetType(), place), ["fact"] = Encoding.UTF8.GetString(FactCodec.Encode(fact)) });

    /// <summary>Those of one kind, newest first.</summary>
    /// <param name="before">A place to page on from; null for the newest.</param>
    public IReadOnlyList<Placed<T>> Latest<T>(int limit, long? before = null) where T : Fact
    {
        var query = facts.Query().Where("_id >= @0 AND _id < @1", IdOf(typeof(T), 0), IdOf(typeof(T), before ?? long.MaxValue)).OrderByDescending("_id").Limit(limit);
        return [.. query.ToDocuments().Select(Read<T>)];
    }

    private static string IdOf(Type kind, long place) => string.Create(CultureInfo.InvariantCulture, $"{kind.Name}/{place:D19}");

    private static Placed<T> Read<T>(BsonDocument row) where T : Fact => new(
        long.Parse(row["_id"].AsString.AsSpan(typeof(T).Name.Length + 1), CultureInfo.InvariantCulture),
        (T)System.Text.Json.JsonSerializer.Deserialize(row["fact"].AsString, FactJson.Default.Fact)!);
}
