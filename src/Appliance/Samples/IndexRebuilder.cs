using Appliance.Journal;
using Inference.Files;
using Microsoft.Extensions.Logging;

namespace Appliance.Samples;

/// <summary>Brings the index to the journal: by the facts that it has not seen, or anew when it is damaged or was not closed.</summary>
/// <param name="isThere">Whether a file of a sample is on disk, by its name as in <see cref="DoomedFiles"/>; null where all may be.</param>
internal sealed partial class IndexRebuilder(string path, ILogger logger, IFileSystem? files = null, Predicate<string>? isThere = null)
{
    /// <summary>An index of so few facts is made while a start waits: that takes about a second.</summary>
    public const int FewFacts = 5000;

    private const int BatchFacts = 1000;
    private readonly IFileSystem files = files ?? LinuxFileSystem.Instance;

    /// <summary>An index that holds all facts. The caller owns it.</summary>
    /// <param name="after">All facts but so many of the first.</param>
    public SampleIndex Open(Func<long, IEnumerable<Fact>> after) => TryOpen(after, out _) ?? Rebuild(after(0));

    /// <summary>For a start that must not wait: where there is no index that can be trusted, and making one would take long, the caller gets one that says so, and that <see cref="IndexKeeper"/> makes.</summary>
    public SampleIndex OpenSoon(StationJournal journal)
    {
        if (TryOpen(journal.ReadFactsAfter, out var trouble) is { } index) return index;
        if (journal.FactCount <= FewFacts) return Rebuild(journal.ReadFacts());
        var missing = SampleIndex.Missing(trouble);
        missing.Place.Begin(journal.FactCount);
        return missing;
    }

    /// <summary>Deletes the file and makes it anew.</summary>
    /// <param name="read">Told now and then how many facts are in it.</param>
    public SampleIndex Rebuild(IEnumerable<Fact> facts, Action<long>? read = null, CancellationToken cancellation = default)
    {
        files.CreateDirectory(Path.GetDirectoryName(path)!);
        files.Delete(path);
        files.Delete(LogPath(path));
        var index = new SampleIndex(files, path, isThere);
        long count = 0;
        try
        {
            foreach (var batch in facts.Chunk(BatchFacts))
            {
                cancellation.ThrowIfCancellationRequested();
                index.ApplyAll(count, batch);
                count += batch.Length;
                read?.Invoke(count);
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

    // Null with the reason where there is none that holds what the journal holds.
    private SampleIndex? TryOpen(Func<long, IEnumerable<Fact>> after, out string trouble)
    {
        trouble = "there is none";
        if (!File.Exists(path)) return null;
        try
        {
            trouble = "it was not closed in order";
            var index = new SampleIndex(files, path, isThere);
            if (index.TrustedFacts is { } trusted && TryCatchUp(index, after, trusted)) return index;
            index.Abandon();
            LogNotClosed(path);
        }
        // LiteDB meets damage with exceptions of many types.
        catch (Exception e) when (e is not JournalException)
        {
            trouble = "it is damaged";
            LogDamaged(path, e);
        }
        return null;
    }

    // False where the journal is not the one that it was made from.
    private static bool TryCatchUp(SampleIndex index, Func<long, IEnumerable<Fact>> after, long trusted)
    {
        try
        {
            // From the last one that the index has, so that it shows when that is missing.
            var (seen, next) = (Math.Max(trusted - 1, 0), trusted);
            foreach (var batch in after(seen).Where(_ => seen++ >= trusted).Chunk(BatchFacts))
            {
                index.ApplyAll(next, batch);
                next += batch.Length;
            }

            if (seen < trusted) return false;
            index.Place.Begin(seen);
            return true;
        }
        catch
        {
            index.Abandon();
            throw;
        }
    }

    private static string LogPath(string path) => IndexFile.LogPath(path);

    [LoggerMessage(5001, LogLevel.Information, "Index '{Path}' was made anew from {Facts} facts")]
    private partial void LogRebuilt(string path, long facts);

    [LoggerMessage(5002, LogLevel.Warning, "Index '{Path}' was not closed in order and is made anew")]
    private partial void LogNotClosed(string path);

    [LoggerMessage(5003, LogLevel.Warning, "Index '{Path}' is damaged and is made anew")]
    private partial void LogDamaged(string path, Exception exception);
}
