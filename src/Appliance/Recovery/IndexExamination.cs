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

    /// <summary>Makes it anew from the facts on disk. Damaged files are not kept: while no fact is lost they hold nothing that the journal does not hold.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public static void Rebuild(IFileSystem files, string state)
    {
        var path = SampleFiles.Index(state);
        try
        {
            new IndexRebuilder(path, NullLogger.Instance, files, SampleFiles.IsThere(state)).Rebuild(FactReader.Read(SegmentFiles.Directory(state, StreamKind.Facts)).Select(r => r.Fact)).Dispose();
        }
        // LiteDB meets a failing disk with exceptions of many types.
        catch (Exception e) when (e is not (JournalException or OutOfMemoryException))
        {
            throw new IOException($"The index '{path}' could not be made anew: {e.Message} Free space or repair the disk, then do it again.", e);
        }
    }

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
