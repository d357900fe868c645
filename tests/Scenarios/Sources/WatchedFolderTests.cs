using Scenarios.Harness;

namespace Scenarios.Sources;

/// <summary>Parts whose pictures come as files, and a service that is killed and stopped between them.</summary>
public sealed class WatchedFolderTests : IDisposable
{
    private const int Files = 40;
    private const int Waiting = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly string folder = Directory.CreateTempSubdirectory("watched-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Restart_AfterAKillAndAfterAStop_InspectsNoFileAgainButThoseInHand()
    {
        var camera = Configurations.Free("cam1", $"folder:{folder}?watch=true", 0);
        camera["QueueLength"] = Waiting;
        await using var station = new Station(Configurations.Embedded(camera));
        var pictures = Directory.GetFiles(Path.Combine(Repository.MagneticTile(), "free"), "*.jpg").Order(StringComparer.Ordinal).Take(Files).ToList();
        Assert.Equal(Files, pictures.Count);
        await station.StartAsync();
        foreach (var picture in pictures[..(Files / 2)]) Put(picture);
        await station.InspectAsync(Files / 4);
        station.Program.Kill();
        await station.Program.ExitAsync(Limit);

        foreach (var picture in pictures[(Files / 2)..]) Put(picture);
        await RestartAsync(station, Files);
        Put(pictures[0], "last.jpg");
        await RestartAsync(station, Files + 1);

        var given = await InspectedAsync(station);
        Assert.Equal(pictures.Select(p => Path.GetFileName(p)!).Append("last.jpg").Order(StringComparer.Ordinal), given.Distinct().Order(StringComparer.Ordinal));
        // Those whose verdicts were committed at the moment of the kill, and no more than may wait.
        Assert.InRange(given.Count - given.Distinct().Count(), 0, Waiting);
    }

    private void Put(string picture, string? name = null)
    {
        var part = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.Copy(picture, part);
        File.Move(part, Path.Combine(folder, name ?? Path.GetFileName(picture)));
    }

    /// <summary>Starts it, and stops it in order when so many files have been inspected in all.</summary>
    private static async Task RestartAsync(Station station, int files)
    {
        var before = (await InspectedAsync(station)).Distinct().Count();
        await station.StartAsync();
        await station.InspectAsync(files - before);
        Assert.Equal(0, await station.Program.TerminateAsync());
    }

    private static async Task<List<string>> InspectedAsync(Station station) => [.. (await JournalFiles.VerdictsAsync(station.State)).Select(v => (string)v.Node["source"]!)];
}
