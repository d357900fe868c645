using Appliance.Journal;
using Appliance.Samples;
using Inference.Embeddings;

namespace Appliance.Recovery;

/// <summary>Embedding files that cannot be opened, with or without samples in them: the service would not keep another embedding.</summary>
internal static class EmbeddingExamination
{
    public static void Run(Examination exam)
    {
        var directory = SampleFiles.Embeddings(exam.State);
        if (!Directory.Exists(directory)) return;
        foreach (var path in Directory.EnumerateFiles(directory, "*.emb").Order(StringComparer.Ordinal))
        {
            if (Look(exam, path) is { Problem: { } problem, Header: var header }) PutRight(exam, path, problem, header);
        }
    }

    private static (string? Problem, byte[]? Header) Look(Examination exam, string path)
    {
        try
        {
            using var file = new EmbeddingFileInspection(path);
            return (file.Problem, file.Problem is null ? null : EmbeddingFileHeader.Mend(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            exam.AddUnreadable("embedding", path, e);
            return default;
        }
    }

    private static void PutRight(Examination exam, string path, string problem, byte[]? header)
    {
        if (header is null)
        {
            exam.Add("embedding", path, problem, "the file is moved aside and begun anew", Remedy.Restored, 0);
            exam.SetAside(path, problem);
            return;
        }
        exam.Add("embedding", path, problem, "its name and its rows say what the header was; no row is lost", Remedy.Restored, 0);
        if (exam.Quarantine is not { } quarantine) return;
        var original = quarantine.Copy(path, header.Length);
        exam.Tell(new FileSetAside(Path.GetRelativePath(exam.State, path), original, problem + "; it is mended, and only the damaged header lies there") { At = exam.Time.GetUtcNow() });
        exam.Write();
        using (var file = exam.Files.OpenScratch(path)) file.Write(header);
        using var synced = exam.Files.OpenAppend(path);
        synced.Sync();
    }
}
