using System.Text;
using Appliance.Journal;
using LiteDB;

namespace Appliance.Samples;

/// <summary>Samples as LiteDB documents. Times are UTC ticks, because LiteDB turns DateTime into local time and cuts it to milliseconds.</summary>
internal static class SampleRow
{
    /// <summary>Sorts like the inspection: epoch, then sequence.</summary>
    public static string Key(InspectionId id) => $"{id.Epoch:D10}-{id.Sequence:D20}";

    public static string? Key(string sample) => InspectionId.TryParse(sample, out var id) ? Key(id) : null;

    /// <summary>What is indexed of a part's id, because LiteDB refuses keys above 1,023 bytes.</summary>
    public static string? PartKey(string? part) => part is { Length: > 200 } ? part[..200] : part;

    public static BsonDocument Write(string key, SampleKept kept) => new()
    {
        ["_id"] = key,
        ["sample"] = kept.Sample,
        // Only while there is no label: the index over it is the queue of what people have yet to look at.
        ["open"] = key,
        ["camera"] = kept.Camera,
        ["part"] = kept.Part,
        ["partKey"] = PartKey(kept.Part),
        ["verdict"] = kept.Verdict,
        ["label"] = BsonValue.Null,
        ["identity"] = kept.EmbeddingIdentity,
        ["row"] = kept.Row,
        ["kept"] = Encoding.UTF8.GetString(FactCodec.Encode(kept)),
        ["labels"] = new BsonArray(),
    };

    /// <summary>Adds a labelling; false when it is there already, as when facts are applied again.</summary>
    public static bool AddLabel(BsonDocument row, SampleLabelled label)
    {
        var labels = row["labels"].AsArray;
        if (labels.Any(l => l["at"].AsInt64 == label.At.UtcTicks && l["label"].AsString == label.Label && l["by"].AsString == label.By)) return false;
        labels.Add(new BsonDocument { ["label"] = label.Label, ["by"] = label.By, ["at"] = label.At.UtcTicks });
        row["label"] = label.Label;
        row["open"] = BsonValue.Null;
        return true;
    }

    /// <summary>What is left of a sample after a repair.</summary>
    public static void Repair(BsonDocument row, SampleRepaired repaired)
    {
        row["identity"] = repaired.EmbeddingIdentity;
        row["row"] = repaired.Row;
        row["noPicture"] = !repaired.Picture;
    }

    public static SampleDocument Read(BsonDocument row) => new(
        (SampleKept)System.Text.Json.JsonSerializer.Deserialize(row["kept"].AsString, FactJson.Default.Fact)!,
        row["noPicture"] != true,
        Text(row["label"]),
        [.. row["labels"].AsArray.Select(l => new LabelEntry(l["label"].AsString, l["by"].AsString, new DateTimeOffset(l["at"].AsInt64, TimeSpan.Zero)))]);

    public static string? Text(BsonValue value) => value.IsNull ? null : value.AsString;
}
