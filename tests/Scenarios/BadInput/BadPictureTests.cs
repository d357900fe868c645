using Scenarios.Harness;

namespace Scenarios.BadInput;

/// <summary>Files in the line that are no pictures.</summary>
public sealed class BadPictureTests
{
    // A PNG of 60,000 x 60,000 pixels, 10 GB once decoded, in 69 bytes.
    private const string Bomb = "iVBORw0KGgoAAAANSUhEUgAA6mAAAOpgCAIAAAAPsOIVAAAADElEQVR4nGNgoD0AAABkAAGGZDw1AAAAAElFTkSuQmCC";

    [Fact]
    public async Task Run_DamagedPicturesInTheLine_AreFaultsAndTheLineGoesOn()
    {
        var folder = Directory.CreateTempSubdirectory("pictures-").FullName;
        try
        {
            var bad = await FillAsync(folder);
            await using var station = new Station(Configurations.Embedded(Configurations.Free("cam1", $"folder:{folder}?loop=true", 40)));
            await station.StartAsync();
            await station.InspectAsync(3 * (bad.Count + 2));
            Assert.Equal(0, await station.Program.TerminateAsync());

            var verdicts = await JournalFiles.VerdictsAsync(station.State);
            Verdicts.AssertContiguous(verdicts);
            var bySource = verdicts.ToLookup(v => (string)v.Node["source"]!);
            foreach (var name in bad)
            {
                Assert.NotEmpty(bySource[name]);
                Assert.All(bySource[name], v => Assert.Equal(("FAULT", "bad-picture"), (v.Kind, (string)v.Node["reason"]!)));
                Assert.All(bySource[name], v => Assert.Contains(name, (string)v.Node["detail"]!, StringComparison.Ordinal));
            }

            foreach (var good in bySource.Where(g => !bad.Contains(g.Key))) Assert.All(good, v => Assert.Equal("UNSURE", v.Kind));
            await JournalFiles.AssertIntactAsync(station.State);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Two good pictures and several bad ones; the names of the bad ones.</summary>
    private static async Task<IReadOnlyList<string>> FillAsync(string folder)
    {
        var pictures = Directory.GetFiles(Path.Combine(Repository.MagneticTile(), "free"), "*.jpg").Order(StringComparer.Ordinal).ToList();
        File.Copy(pictures[0], Path.Combine(folder, "a-good.jpg"));
        File.Copy(pictures[1], Path.Combine(folder, "z-good.jpg"));
        var whole = await File.ReadAllBytesAsync(pictures[2]);
        await File.WriteAllBytesAsync(Path.Combine(folder, "truncated.jpg"), whole[..(whole.Length / 2)]);
        await File.WriteAllBytesAsync(Path.Combine(folder, "zero.png"), []);
        await File.WriteAllTextAsync(Path.Combine(folder, "text.jpg"), "This is no photograph.");
        await File.WriteAllBytesAsync(Path.Combine(folder, "bomb.png"), Convert.FromBase64String(Bomb));
        // Longer than any picture that is taken, without its blocks on disk.
        await using (var huge = File.Create(Path.Combine(folder, "huge.bmp"))) huge.SetLength(1L << 32);
        return ["truncated.jpg", "zero.png", "text.jpg", "bomb.png", "huge.bmp"];
    }
}
