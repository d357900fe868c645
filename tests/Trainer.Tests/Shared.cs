namespace Trainer.Tests;

/// <summary>Files beside the repository; without them a test fails on CI and is skipped elsewhere.</summary>
internal static class Shared
{
    public static string RepositoryRoot { get; } = FindRoot();

    public static bool IsCi => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>The full path of a file below <c>../shared</c>.</summary>
    public static string File(string name)
    {
        var path = Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", name));
        Assert.SkipUnless(IsCi || System.IO.File.Exists(path), $"../shared/{name} is not there.");
        Assert.True(System.IO.File.Exists(path), $"../shared/{name} is not there.");
        return path;
    }

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(directory, "Appliance.sln"))) directory = Path.GetDirectoryName(directory.TrimEnd('/'))!;
        return directory;
    }
}
