using System.Text;
using Appliance.Journal;
using LiteDB;

namespace Appliance.Samples;

/// <summary>Training rounds, promotions, changes of the must-catch list, shadow periods and undone labels in LiteDB, by time.</summary>
internal sealed class FactHistory(LiteDatabase database)
{
    private readonly ILiteCollection<BsonDocument> rounds = database.GetCollection("history");

    /// <summary>False for one that is there.</summary>
    public bool Add(Fact fact)
    {
        return rounds.Upsert(new BsonDocument { ["_id"] = $"{fact.GetType().Name}/{PlaceOf(fact)}", ["fact"] = Encoding.UTF8.GetString(FactCodec.Encode(fact)) });
    }

    /// <summary>Where it stands among those of its kind, to page on from.</summary>
    public static string PlaceOf(Fact fact)
    {
        var about = fact switch { TrainingFinished t => t.Job, ModelPromoted p => p.Model, MustCatchChanged m => m.Sample, ShadowBegun s => s.Model, ShadowEnded s => s.Model, _ => "" };
        return $"{fact.At.UtcTicks:D19}/{about}";
    }

    /// <param name="before">A place to page on from; null for the newest.</param>
    public IReadOnlyList<T> Latest<T>(int limit, string? before = null) where T : Fact
    {
        var query = rounds.Query().Where("_id > @0 AND _id < @1", typeof(T).Name + "/", $"{typeof(T).Name}/{before ?? "~"}").OrderByDescending("_id").Limit(limit);
        return [.. query.ToDocuments().Select(d => (T)System.Text.Json.JsonSerializer.Deserialize(d["fact"].AsString, FactJson.Default.Fact)!)];
    }
}
