namespace Scenarios.Harness;

/// <summary>Where things are, from the repository's root.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Appliance => Path.Combine(Root, "out/appliance/appliance");

    public static string Trainer => Path.Combine(Root, "out/trainer/trainer");

    /// <summary>The magnetic-tile photographs. Missing, the test fails in CI and is skipped elsewhere.</summary>
    public static string MagneticTile()
    {
        var path = Path.GetFullPath(Path.Combine(Root, "../shared/data/magnetic-tile"));
        Assert.SkipUnless(Directory.Exists(path) || IsCi, $"{path} is not there.");
        Assert.True(Directory.Exists(path), $"{path} is not there.");
        return path;
    }

    /// <summary>A program from Debian. Missing, the test fails in CI and is skipped elsewhere.</summary>
    public static string Tool(string path)
    {
        Assert.SkipUnless(File.Exists(path) || IsCi, $"{path} is not installed; ./test.sh installs it.");
        Assert.True(File.Exists(path), $"{path} is not installed.");
        return path;
    }

    private static bool IsCi => Environment.GetEnvironmentVariable("CI") == "true";

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Appliance.sln"))) directory = directory.Parent!;
        return directory.FullName;
    }
}
