namespace Benchmarks;

/// <summary>Where the built programs and the weights are.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Appliance.sln.</summary>
    public static string Root
    {
        get
        {
            for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            {
                if (File.Exists(Path.Combine(directory.FullName, "Appliance.sln"))) return directory.FullName;
            }

            throw new BenchmarkException("Run it inside the repository.");
        }
    }
}
