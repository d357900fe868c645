using System.Security.Cryptography;
using Appliance.Evidence;
using Appliance.Journal;
using Appliance.Samples;
using Inference.Embeddings;

namespace Appliance.Recovery;

/// <summary>Examines picture, embedding and evidence of every sample. A repair moves damaged pictures aside, computes embeddings anew where it can, and says of each sample what it has.</summary>
internal sealed class SampleExamination : IDisposable
{
    private readonly Examination exam;
    private readonly PictureStore pictures;
    private readonly EvidenceStore evidence;
    private readonly EmbeddingRebuilder rebuilder;
    private readonly Dictionary<string, string?> pictureProblems = [];
    private readonly HashSet<string> unreadable = [];
    private readonly Dictionary<string, EmbeddingFileInspection?> embeddings = [];

    public SampleExamination(Examination exam)
    {
        this.exam = exam;
        rebuilder = new EmbeddingRebuilder(exam);
        pictures = new PictureStore(exam.Files, SampleFiles.Pictures(exam.State));
        evidence = new EvidenceStore(exam.Files, EvidenceStore.RootOf(exam.State));
    }

    /// <summary>Number of samples.</summary>
    public int Run()
    {
        var samples = SampleStates.Of(exam.Facts);
        var done = 0;
        var suspects = new List<(string Sample, Finding Finding)>();
        foreach (var sample in samples)
        {
            exam.Progress.Say($"samples, {done++} of {samples.Count}");
            var before = exam.Findings.Count;
            try
            {
                Check(sample);
                suspects.AddRange(exam.Findings.Skip(before).Select(finding => (sample.Kept.Sample, finding)));
            }
            catch (UnreadableFileException e)
            {
                if (unreadable.Add(e.Path)) exam.AddUnreadable(e.Area, e.Path, e.InnerException!);
            }

        }

        if (exam.Quarantine is null && suspects.Count > 0) Clear(suspects);
        return samples.Count;
    }

    // The service may run, and retention give samples up: the fact is there before a file goes.
    private void Clear(List<(string Sample, Finding Finding)> suspects)
    {
        try
        {
            var gone = FactReader.Only<SamplesDeleted>(SegmentFiles.Directory(exam.State, StreamKind.Facts)).SelectMany(f => f.Samples).ToHashSet(StringComparer.Ordinal);
            var cleared = suspects.Where(s => gone.Contains(s.Sample)).Select(s => s.Finding).ToHashSet(ReferenceEqualityComparer.Instance);
            exam.Findings.RemoveAll(cleared.Contains);
        }
        catch (JournalException)
        {
            // Damaged facts are findings already, and say nothing that clears another.
        }
    }

    public void Dispose()
    {
        foreach (var file in embeddings.Values) file?.Dispose();
        rebuilder.Dispose();
    }

    private void Check(SampleState sample)
    {
        if (!InspectionId.TryParse(sample.Kept.Sample, out var id)) return;
        var path = pictures.PathOf(sample.Kept.Picture, sample.Kept.Extension);
        var (picture, row) = (sample.HasPicture ? PictureProblem(path, sample.Kept.Picture) : null, sample.Row >= 0 ? RowProblem(sample, id) : null);
        var explained = sample.Evidence is { } sum ? ContentProblem("evidence", evidence.PathOf(id), sum) : null;
        if (picture is null && row is null && explained is null)
        {
            AddNamed(sample, id, path);
            return;
        }
        var rebuilds = row is not null && sample.HasPicture && picture is null && rebuilder.Can(sample.Identity!);
        var kept = row is null ? sample.Row : rebuilds && exam.Quarantine is not null ? rebuilder.Rebuild(sample.Identity!, id, path) ?? -1 : -1;
        if (picture is not null) exam.Add("picture", path, picture, $"sample {id} has no picture any more{(kept >= 0 ? "; its embedding still trains" : "")}", Remedy.Lost);
        if (row is { } bad)
        {
            var again = rebuilds && (exam.Quarantine is null || kept >= 0);
            exam.Add("embedding", bad.Path, bad.Problem, again ? $"that of sample {id} is computed anew from its picture" : $"sample {id} has no embedding any more, and does not train", again ? Remedy.Restored : Remedy.Lost, bad.Offset);
        }
        if (explained is not null) exam.Add("evidence", evidence.PathOf(id), explained, $"that of sample {id} is computed when it is asked for, while its picture and model are kept", Remedy.Lost);
        if (exam.Quarantine is null) return;
        if (picture is not null && File.Exists(path)) exam.SetAside(path, picture);
        if (explained is not null && File.Exists(evidence.PathOf(id))) exam.SetAside(evidence.PathOf(id), explained);
        exam.Tell(new SampleRepaired(
            sample.Kept.Sample, sample.HasPicture && picture is null, kept < 0 ? null : sample.Identity, kept,
            string.Join("; ", new[] { picture is null ? null : "picture: " + picture, row is { } r ? "embedding: " + r.Problem : null, explained is null ? null : "evidence: " + explained }.OfType<string>()),
            sample.Evidence is not null && explained is null) { At = exam.Time.GetUtcNow() });
    }

    private void AddNamed(SampleState sample, InspectionId id, string path)
    {
        var (noPicture, noEmbedding, noEvidence) = (!sample.HasPicture, sample.Row < 0 && sample.Kept.Row >= 0, sample.Evidence is null && sample.Kept.Evidence is not null);
        if (sample.Repaired is { } repaired && (noPicture || noEmbedding || noEvidence))
            exam.Add("sample", path, repaired.Why, FormattableString.Invariant(
                $"sample {id} is{(noPicture ? " without picture" : "")}{(noEmbedding ? " without embedding" : "")}{(noEvidence ? " without evidence" : "")} since the repair on {repaired.At:yyyy-MM-dd HH:mm:ss'Z'}"), Remedy.Named);
    }

    private string? PictureProblem(string path, string sha256)
    {
        if (pictureProblems.TryGetValue(path, out var known)) return known;
        return pictureProblems[path] = ContentProblem("picture", path, sha256);
    }

    private static string? ContentProblem(string area, string path, string sha256)
    {
        try
        {
            using var file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file)) == sha256 ? null : "its content is not what was stored";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "it is missing";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableFileException(area, path, e);
        }
    }

    private (string Path, string Problem, long? Offset)? RowProblem(SampleState sample, InspectionId id)
    {
        var path = SampleFiles.EmbeddingFile(exam.State, sample.Identity!);
        try
        {
            if (!embeddings.TryGetValue(path, out var file)) embeddings[path] = file = Path.Exists(path) ? new EmbeddingFileInspection(path) : null;
            if (file is null) return (path, "it is missing", null);
            // Where only one looks: its rows can be read once the header is mended, and are looked at then.
            if (file.Problem is { } problem) return exam.Quarantine is null && EmbeddingFileHeader.Mend(path) is not null ? null : (path, problem, 0);
            return file.IsSound(sample.Row, new(id.Epoch, id.Sequence)) ? null : (path, FormattableString.Invariant($"row {sample.Row} is missing or damaged"), file.OffsetOf(sample.Row));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableFileException("embedding", path, e);
        }
    }
}

/// <summary>The disk or its permissions keep a file from being read.</summary>
internal sealed class UnreadableFileException(string area, string path, Exception inner) : Exception(inner.Message, inner)
{
    public string Area { get; } = area;

    public string Path { get; } = path;
}
