using Appliance.Journal;
using LiteDB;

namespace Appliance.Samples;

/// <summary>Sums over the samples of the index, kept up with every change and handed over by the mark, so that nobody counts 100,000 rows at a start.</summary>
internal sealed class IndexCounts
{
    // By label and embedding identity; empty for none.
    private readonly Dictionary<(string Label, string Identity), int> samples = [];

    public int Samples { get; private set; }

    /// <summary>Bytes of their pictures; one that several samples have counts once.</summary>
    public long PictureBytes { get; private set; }

    /// <summary>The highest number that an imported sample ever had, also one that was given up: it is not used again.</summary>
    public ulong LastImported { get; private set; }

    public static IndexCounts Read(BsonDocument mark)
    {
        var counts = new IndexCounts { PictureBytes = mark["pictureBytes"].AsInt64, LastImported = (ulong)mark["lastImported"].AsInt64 };
        foreach (var entry in mark["counts"].AsArray) counts.Add(entry["label"].AsString, entry["identity"].AsString, entry["count"].AsInt32);
        return counts;
    }

    public void Write(BsonDocument mark)
    {
        mark["pictureBytes"] = PictureBytes;
        mark["lastImported"] = (long)LastImported;
        mark["counts"] = new BsonArray(samples.Where(s => s.Value > 0).Select(s => new BsonDocument { ["label"] = s.Key.Label, ["identity"] = s.Key.Identity, ["count"] = s.Value }));
    }

    /// <param name="by">1 for a row that is there from now on, -1 for one that is not as it was.</param>
    public void Add(BsonDocument row, int by) => Add(SampleRow.Text(row["label"]) ?? "", row["row"].AsInt64 < 0 ? "" : SampleRow.Text(row["identity"]) ?? "", by);

    /// <summary>A sample was kept.</summary>
    public void See(InspectionId id)
    {
        if (id.Epoch == 0) LastImported = Math.Max(LastImported, id.Sequence);
    }

    public void AddPicture(long lengthBytes) => PictureBytes += lengthBytes;

    public IReadOnlyDictionary<string, int> ByLabel()
    {
        var byLabel = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var ((label, _), count) in samples) byLabel[label] = byLabel.GetValueOrDefault(label) + count;
        return byLabel;
    }

    /// <summary>Labelled samples that have an embedding of this identity.</summary>
    public int Labelled(string identity) => samples.Where(s => s.Key.Identity == identity && s.Key.Label.Length > 0).Sum(s => s.Value);

    private void Add(string label, string identity, int by)
    {
        samples[(label, identity)] = samples.GetValueOrDefault((label, identity)) + by;
        Samples += by;
    }
}
