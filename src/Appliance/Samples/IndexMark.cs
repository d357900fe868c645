using LiteDB;

namespace Appliance.Samples;

/// <summary>
/// Says whether the index was closed in order, and how many facts it then held. LiteDB's commits are not synced, so a file that was not closed
/// is not trusted. Its owner syncs the file.
/// </summary>
internal sealed class IndexMark(LiteDatabase database)
{
    private const string Id = "closed";
    private readonly ILiteCollection<BsonDocument> marks = database.GetCollection("mark");

    /// <summary>Reads and removes the mark; null when there is none, or when it does not fit the file.</summary>
    public long? Take(int samples)
    {
        var mark = marks.FindById(Id);
        if (mark is null) return null;
        marks.Delete(Id);
        database.Checkpoint();
        return mark["samples"].AsInt32 == samples ? mark["facts"].AsInt64 : null;
    }

    public void Leave(long facts, int samples) => marks.Upsert(new BsonDocument { ["_id"] = Id, ["facts"] = facts, ["samples"] = samples });
}
