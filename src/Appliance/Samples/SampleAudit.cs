using Appliance.Journal;
using Inference.Embeddings;

namespace Appliance.Samples;

/// <summary>What facts name but the disk does not have.</summary>
internal sealed record SampleAuditReport(int Samples, IReadOnlyList<string> MissingPictures, IReadOnlyList<string> MissingRows);

/// <summary>Checks that the picture and the embedding row of every sample are there.</summary>
internal static class SampleAudit
{
    /// <param name="embeddings">Directory of the embedding files, <c>IDENTITY.emb</c>.</param>
    public static SampleAuditReport Run(IEnumerable<Fact> facts, PictureStore pictures, string embeddings)
    {
        var (count, missingPictures, missingRows) = (0, new List<string>(), new List<string>());
        var rows = new Dictionary<string, long>();
        foreach (var sample in facts.OfType<SampleKept>())
        {
            count++;
            if (!pictures.Has(new StoredPicture(sample.Picture, sample.Extension, sample.PictureBytes))) missingPictures.Add(sample.Sample);
            if (sample.EmbeddingIdentity is not { } identity || sample.Row < 0) continue;
            if (!rows.TryGetValue(identity, out var there)) rows[identity] = there = EmbeddingFileInspection.CountRows(Path.Combine(embeddings, identity + ".emb"));
            if (sample.Row >= there) missingRows.Add(sample.Sample);
        }
        return new SampleAuditReport(count, missingPictures, missingRows);
    }
}
