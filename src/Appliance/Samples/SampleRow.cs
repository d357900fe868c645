using System.Globalization;
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

    /// <summary>Sorts what people have yet to look at: the most uncertain last, among equals the newest last.</summary>
    public static string QueueKey(string key, SampleKept kept) => string.Create(CultureInfo.InvariantCulture, $"{(int)Math.Round(Uncertainty.Of(kept) * 9999):D4}/{key}");

    public static string Picture(SampleKept kept) => kept.Picture + kept.Extension;

    public static BsonDocument Write(string key, SampleKept kept)
    {
        var row = new BsonDocument
        {
            ["_id"] = key,
            ["sample"] = kept.Sample,
            ["camera"] = kept.Camera,
            ["part"] = kept.Part,
            ["partKey"] = PartKey(kept.Part),
            ["verdict"] = kept.Verdict,
            ["why"] = kept.Why,
            ["picture"] = Picture(kept),
            ["pictureBytes"] = kept.PictureBytes,
            ["identity"] = kept.EmbeddingIdentity,
            ["row"] = kept.Row,
            ["kept"] = Encoding.UTF8.GetString(FactCodec.Encode(kept)),
            ["labels"] = new BsonArray(),
        };
        Settle(row, kept);
        return row;
    }

    /// <summary>Adds a labelling; false when it is there already, as when facts are applied again.</summary>
    public static bool AddLabel(BsonDocument row, SampleLabelled label)
    {
        if (Find(row, label.Label, label.By, label.At) is not null) return false;
        row["labels"].AsArray.Add(new BsonDocument { ["label"] = label.Label, ["by"] = label.By, ["at"] = label.At.UtcTicks });
        Settle(row, Kept(row));
        return true;
    }

    /// <summary>Marks a labelling as undone; false when it is not there, or is already.</summary>
    public static bool Undo(BsonDocument row, UndoneLabel label, LabelsUndone undone)
    {
        if (Find(row, label.Label, label.By, label.At) is not { } found || found.ContainsKey("undoneBy")) return false;
        (found["undoneBy"], found["undoneAt"], found["undoneWhy"]) = (undone.By, undone.At.UtcTicks, undone.Why);
        Settle(row, Kept(row));
        return true;
    }

    /// <summary>What is left of a sample after a repair.</summary>
    public static void Repair(BsonDocument row, SampleRepaired repaired)
    {
        row["identity"] = repaired.EmbeddingIdentity;
        row["row"] = repaired.Row;
        row["noPicture"] = !repaired.Picture;
        row["noEvidence"] = !repaired.Evidence;
    }

    public static SampleDocument Read(BsonDocument row) => new(row["noEvidence"] == true ? Kept(row) with { Evidence = null } : Kept(row), row["noPicture"] != true, Text(row["label"]), [.. row["labels"].AsArray.Select(l => Label(l.AsDocument))]);

    public static string? Text(BsonValue value) => value.IsNull ? null : value.AsString;

    private static SampleKept Kept(BsonDocument row) => (SampleKept)System.Text.Json.JsonSerializer.Deserialize(row["kept"].AsString, FactJson.Default.Fact)!;

    private static BsonDocument? Find(BsonDocument row, string label, string by, DateTimeOffset at) =>
        row["labels"].AsArray.FirstOrDefault(l => l["at"].AsInt64 == at.UtcTicks && l["label"].AsString == label && l["by"].AsString == by)?.AsDocument;

    private static LabelEntry Label(BsonDocument label) => new(
        label["label"].AsString, label["by"].AsString, Time(label["at"]),
        label.ContainsKey("undoneBy") ? new LabelUndone(label["undoneBy"].AsString, Time(label["undoneAt"]), label["undoneWhy"].AsString) : null);

    private static DateTimeOffset Time(BsonValue ticks) => new(ticks.AsInt64, TimeSpan.Zero);

    // What follows from the labels that hold. A value that is indexed is null where the sample does not belong to that list.
    private static void Settle(BsonDocument row, SampleKept kept)
    {
        var key = row["_id"].AsString;
        var holding = row["labels"].AsArray.Where(l => !l.AsDocument.ContainsKey("undoneBy")).ToList();
        var isOpen = holding.Count == 0;
        row["label"] = isOpen ? BsonValue.Null : holding[^1]["label"];
        row["open"] = isOpen ? key : BsonValue.Null;
        row["queue"] = isOpen ? QueueKey(key, kept) : BsonValue.Null;
        // Of each person the last word counts: whoever comes round to another's opinion ends the dispute.
        row["disputed"] = Dispute.IsOpen([.. holding.Select(l => (l["by"].AsString, l["label"].AsString))]) ? key : BsonValue.Null;
        row["rank"] = Rank(isOpen, kept.Why) + key;
    }

    // In which order samples are given up.
    private static string Rank(bool isOpen, string why) => isOpen ? why == "audit" ? RetentionRank.Audit : RetentionRank.Unlabelled : RetentionRank.Labelled;
}
