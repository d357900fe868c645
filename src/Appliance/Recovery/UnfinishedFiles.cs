using Inference.Files;

namespace Appliance.Recovery;

/// <summary>Files and packages that were being written when a process was killed: hidden, and named by nothing. A repair deletes them.</summary>
internal static class UnfinishedFiles
{
    private static readonly string[] Deep = ["pictures", "evidence"];
    private static readonly string[] Places = ["", .. Deep, "embeddings", "models", "backbones", Path.Combine("journal", "facts"), Path.Combine("journal", "verdicts")];

    /// <summary>How many there are, or were.</summary>
    public static int Run(Examination exam)
    {
        var found = Places.Select(p => Path.Combine(exam.State, p)).Where(Directory.Exists).SelectMany(In).ToList();
        // A service that is at work is writing them.
        if (exam.Quarantine is null) return found.Count;
        foreach (var path in found)
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else exam.Files.Delete(path);
        }
        return found.Count;
    }

    private static IEnumerable<string> In(string place) => Directory.EnumerateFileSystemEntries(
        place, ".*" + WholeFile.TemporarySuffix, new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = Deep.Contains(Path.GetFileName(place)) });
}
