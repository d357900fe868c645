using Appliance.Journal;
using Inference.Files;
using Microsoft.Extensions.Logging;

namespace Appliance.Samples;

/// <summary>Brings the index to the journal: by the facts that it has not seen, or anew when it is damaged or was not closed.</summary>
internal sealed partial class IndexRebuilder(string path, ILogger logger, IFileSystem? files = null)
{
    private const int BatchFacts = 1000;
    private readonly IFileSystem files = files ?? LinuxFileSystem.Instance;

    /// <summary>An index that holds all facts. The caller owns it.</summary>
    /// <param name="after">All facts but so many of the first.</param>
    public SampleIndex Open(Func<long, IEnumerable<Fact>> after)
    {
        if (TryOpen() is { TrustedFacts: { } trusted } index && TryCatchUp(index, after, trusted)) return index;
        return Rebuild(after(0));
    }

    /// <summary>Deletes the file and makes it anew.</summary>
    public SampleIndex Rebuild(IEnumerable<Fact> facts)
    {
        files.CreateDirectory(Path.GetDirectoryName(path)!);
        files.Delete(path);
        files.Delete(LogPath(path));
        var index = new SampleIndex(files, path);
        var count = 0;
        try
        {
            foreach (var batch in facts.Chunk(BatchFacts))
            {
                index.ApplyAll(batch);
                count += batch.Length;
            }
        }
        catch
        {
            index.Abandon();
            throw;
        }
        index.Place.Begin(count);
        LogRebuilt(path, count);
        return index;
    }

    private SampleIndex? TryOpen()
    {
        if (!File.Exists(path)) return null;
        try
        {
            var index = new SampleIndex(files, path);
            if (index.TrustedFacts is not null) return index;
            index.Dispose();
            LogNotClosed(path);
        }
        // LiteDB meets damage with exceptions of many types.
        catch (Exception e)
        {
            LogDamaged(path, e);
        }
        return null;
    }

    private bool TryCatchUp(SampleIndex index, Func<long, IEnumerable<Fact>> after, long trusted)
    {
        try
        {
            // From the last one that the index has: where that is missing, the journal is not the one it was made from.
            var seen = Math.Max(trusted - 1, 0);
            foreach (var batch in after(seen).Where(_ => seen++ >= trusted).Chunk(BatchFacts)) index.ApplyAll(batch);
            if (seen >= trusted && index.Trouble is null)
            {
                index.Place.Begin(seen);
                return true;
            }

            LogNotClosed(path);
        }
        catch (Exception e) when (e is not JournalException)
        {
            LogDamaged(path, e);
        }
        index.Abandon();
        return false;
    }

    private static string LogPath(string path) => IndexFile.LogPath(path);

    [LoggerMessage(5001, LogLevel.Information, "Index '{Path}' was made anew from {Facts} facts")]
    private partial void LogRebuilt(string path, int facts);

    [LoggerMessage(5002, LogLevel.Warning, "Index '{Path}' was not closed in order and is made anew")]
    private partial void LogNotClosed(string path);

    [LoggerMessage(5003, LogLevel.Warning, "Index '{Path}' is damaged and is made anew")]
    private partial void LogDamaged(string path, Exception exception);
}
