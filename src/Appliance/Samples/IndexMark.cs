using LiteDB;

namespace Appliance.Samples;

/// <summary>
/// Says whether the index was closed in order, how many facts it then held, and their sums. LiteDB's commits are not synced, so a file that was not closed
/// is not trusted. Its owner syncs the file.
/// </summary>
internal sealed class IndexMark(LiteDatabase database)
{
    /// <summary>Of what the rows hold: an index of another version is made anew.</summary>
    private const int Version = 4;
    private const string Id = "closed";
    private readonly ILiteCollection<BsonDocument> marks = database.GetCollection("mark");

    /// <summary>Reads and removes the mark; null when there is none, or when it does not fit the file.</summary>
    public (long Facts, IndexCounts Counts)? Take(int samples)
    {
        var mark = marks.FindById(Id);
        if (mark is null) return null;
        marks.Delete(Id);
        database.Checkpoint();
        if (mark["version"] != Version) return null;
        var counts = IndexCounts.Read(mark);
        return counts.Samples == samples ? (mark["facts"].AsInt64, counts) : null;
    }

    public void Leave(long facts, IndexCounts counts)
    {
        var mark = new BsonDocument { ["_id"] = Id, ["version"] = Version, ["facts"] = facts };
        counts.Write(mark);
        marks.Upsert(mark);
    }
}
