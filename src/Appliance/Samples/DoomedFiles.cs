using Appliance.Journal;
using LiteDB;

namespace Appliance.Samples;

/// <summary>
/// Files of samples that are given up, and which may still be on disk: pictures that no sample has any more, by their names, and evidence, by <c>evidence/</c> and the sample. A deletion that a kill cut
/// off goes on by this list. Made from the facts, like all of the index; what is gone already is left out.
/// </summary>
internal sealed class DoomedFiles(LiteDatabase database, Predicate<string> isThere)
{
    private const string EvidencePrefix = "evidence/";
    private readonly ILiteCollection<BsonDocument> names = database.GetCollection("doomed");

    public static string EvidenceOf(string sample) => EvidencePrefix + sample;

    /// <summary>The sample whose evidence is meant; null for a picture.</summary>
    public static InspectionId? SampleOf(string name) =>
        name.StartsWith(EvidencePrefix, StringComparison.Ordinal) && InspectionId.TryParse(name[EvidencePrefix.Length..], out var id) ? id : null;

    public void Add(string name)
    {
        if (isThere(name)) names.Upsert(new BsonDocument { ["_id"] = name });
    }

    public void Remove(string name) => names.Delete(name);

    public IReadOnlyList<string> First(int limit) => [.. names.Query().OrderBy("_id").Limit(limit).ToDocuments().Select(d => d["_id"].AsString)];
}
