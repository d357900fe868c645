using Appliance.Journal;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>Puts a new state in the place of the one that is there, by renaming. What fails half-way goes back, at once or, after a kill, with the next restore. The caller holds the lock.</summary>
internal sealed class StateExchange(IFileSystem files, string state)
{
    /// <summary>Where the old state lies now; null when there was none.</summary>
    /// <param name="staging">The new state, all of it synced.</param>
    /// <exception cref="IOException">The old state is back in its place, or the next restore puts it there.</exception>
    public string? Run(string staging, DateTimeOffset at)
    {
        var old = RestoreMark.Contents(state);
        var aside = old.Count == 0 ? null : FreePlace(at);
        try
        {
            RestoreMark.Set(files, state, new(aside, IsAside: false));
            if (aside is not null) files.CreateDirectory(Path.Combine(state, aside));
            Move(old, aside is null ? state : Path.Combine(state, aside));
            RestoreMark.Set(files, state, new(aside, IsAside: true));
            Move(Directory.EnumerateFileSystemEntries(staging).ToList(), state);
            RestoreMark.Clear(files, state);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryGoBack();
            throw;
        }
        return aside is null ? null : Path.Combine(state, aside);
    }

    /// <summary>Where an exchange was cut off, puts the old state back. May itself be cut off, and done again.</summary>
    public void GoBack()
    {
        if (RestoreMark.Read(state) is not { } step) return;
        if (step.IsAside)
        {
            // All of it came from the backup.
            var discarded = Path.Combine(state, RestoreMark.NewStagingName());
            files.CreateDirectory(discarded);
            Move(RestoreMark.Contents(state), discarded);
            RestoreMark.Set(files, state, step with { IsAside = false });
        }
        if (step.Aside is { } aside && Directory.Exists(Path.Combine(state, aside)))
        {
            Move(Directory.EnumerateFileSystemEntries(Path.Combine(state, aside)).ToList(), state);
            Directory.Delete(Path.Combine(state, aside));
        }
        RestoreMark.Clear(files, state);
    }

    private void Move(IReadOnlyList<string> paths, string to)
    {
        foreach (var path in paths) files.Rename(path, Path.Combine(to, Path.GetFileName(path)));
        files.SyncDirectory(to);
        foreach (var from in paths.Select(p => Path.GetDirectoryName(p)!).Distinct()) files.SyncDirectory(from);
    }

    private string FreePlace(DateTimeOffset at)
    {
        var name = Path.Combine(RestoreMark.OldStates, Path.GetFileName(new Quarantine(files, state, at).Name));
        var place = name;
        for (var again = 2; Directory.Exists(Path.Combine(state, place)); again++) place = FormattableString.Invariant($"{name}.{again}");
        return place;
    }

    // The first error is the one to report.
    private void TryGoBack()
    {
        try
        {
            GoBack();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
