using LiteDB;

namespace Appliance.Samples;

/// <summary>Pictures whose samples are all given up, and which may still be on disk: a deletion that a kill cut off goes on by this list. Made from the facts, like all of the index.</summary>
internal sealed class DoomedPictures(LiteDatabase database)
{
    private readonly ILiteCollection<BsonDocument> pictures = database.GetCollection("doomed");

    public void Add(string picture) => pictures.Upsert(new BsonDocument { ["_id"] = picture });

    public void Remove(string picture) => pictures.Delete(picture);

    public IReadOnlyList<string> First(int limit) => [.. pictures.Query().OrderBy("_id").Limit(limit).ToDocuments().Select(d => d["_id"].AsString)];
}
