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
            using var file = new EmbeddingFileInspection(path);
            if (file.Problem is not { } problem) continue;
            exam.Add("embedding", path, problem, "the file is moved aside and begun anew", Remedy.Restored, 0);
            exam.SetAside(path, problem);
        }
    }
}
