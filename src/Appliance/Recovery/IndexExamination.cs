using Appliance.Journal;
using Appliance.Samples;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Recovery;

/// <summary>Examines the index against the facts. A repair makes it anew in any case.</summary>
internal static class IndexExamination
{
    /// <summary>Looks at a copy: opening the file itself would change it.</summary>
    public static void Run(Examination exam)
    {
        var path = SampleFiles.Index(exam.State);
        if (Problem(path, exam.Facts) is { } problem) exam.Add("index", path, problem, "it is made anew from the journal, at the next start at the latest", Remedy.Restored);
    }

    /// <summary>Makes it anew. Damaged files are not kept: they hold nothing that the journal does not hold.</summary>
    public static void Rebuild(string state, IEnumerable<Fact> facts) => new IndexRebuilder(SampleFiles.Index(state), NullLogger.Instance).Rebuild(facts).Dispose();

    private static string? Problem(string path, IReadOnlyList<Fact> facts)
    {
        if (!File.Exists(path)) return facts.Any(f => f is SampleKept) ? "it is missing" : null;
        var scratch = Directory.CreateTempSubdirectory("appliance-index-");
        try
        {
            var copy = Path.Combine(scratch.FullName, Path.GetFileName(path));
            File.Copy(path, copy);
            var log = IndexFile.LogPath(path);
            if (File.Exists(log)) File.Copy(log, IndexFile.LogPath(copy));
            using var found = new SampleIndex(LinuxFileSystem.Instance, copy);
            using var right = new IndexRebuilder(Path.Combine(scratch.FullName, "right.db"), NullLogger.Instance).Rebuild(facts);
            return IndexContent.Of(found).SequenceEqual(IndexContent.Of(right)) ? null : "it does not hold what the journal holds";
        }
        // LiteDB meets damage with exceptions of many types.
        catch (Exception e) when (e is not (UnauthorizedAccessException or OutOfMemoryException))
        {
            return $"it cannot be read: {e.Message}";
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }
}
