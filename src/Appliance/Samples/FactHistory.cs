using System.Text;
using Appliance.Journal;
using LiteDB;

namespace Appliance.Samples;

/// <summary>Training rounds, promotions and undone labels in LiteDB, by time.</summary>
internal sealed class FactHistory(LiteDatabase database)
{
    private readonly ILiteCollection<BsonDocument> rounds = database.GetCollection("history");

    /// <summary>False for one that is there.</summary>
    public bool Add(Fact fact)
    {
        var about = fact switch { TrainingFinished t => t.Job, ModelPromoted p => p.Model, _ => "" };
        return rounds.Upsert(new BsonDocument { ["_id"] = $"{fact.GetType().Name}/{fact.At.UtcTicks:D19}/{about}", ["fact"] = Encoding.UTF8.GetString(FactCodec.Encode(fact)) });
    }

    public IReadOnlyList<T> Latest<T>(int limit) where T : Fact
    {
        var query = rounds.Query().Where("_id > @0 AND _id < @1", typeof(T).Name + "/", typeof(T).Name + "/~").OrderByDescending("_id").Limit(limit);
        return [.. query.ToDocuments().Select(d => (T)System.Text.Json.JsonSerializer.Deserialize(d["fact"].AsString, FactJson.Default.Fact)!)];
    }
}
