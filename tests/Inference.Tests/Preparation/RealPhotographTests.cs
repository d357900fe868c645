using Inference.Preparation;

namespace Inference.Tests.Preparation;

/// <summary>Real parts, as the line would give them.</summary>
public sealed class RealPhotographTests
{
    [Fact]
    public void DecodeAndPrepare_EveryMagneticTile_Succeeds()
    {
        using var preparer = new ImagePreparer(new PreparationSpec());
        var buffer = new byte[preparer.LengthBytes];
        var files = Directory.GetFiles(MagneticTile(), "*.jpg", SearchOption.AllDirectories);

        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            using var decoded = PictureDecoder.Decode(File.ReadAllBytes(file));
            Assert.True(decoded.Succeeded, $"{file}: {decoded.Problem}");
            Assert.True(preparer.Prepare(decoded.Picture, buffer).Succeeded, file);
            Assert.True(buffer.Distinct().Take(3).Count() == 3, $"{file} came out plain");
        });
    }

    private static string MagneticTile()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Appliance.sln"))) directory = directory.Parent;
        var path = Path.Combine(directory?.Parent?.FullName ?? "/", "shared", "data", "magnetic-tile");
        Assert.SkipUnless(Directory.Exists(path) || Environment.GetEnvironmentVariable("CI") == "true", $"There is no {path}.");
        return path;
    }
}
