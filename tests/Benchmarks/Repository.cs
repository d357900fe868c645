namespace Benchmarks;

/// <summary>Where the built programs, the weights and the photographs are.</summary>
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

    /// <summary>The folder of the magnetic-tile photographs.</summary>
    public static string MagneticTile
    {
        get
        {
            var folder = Path.GetFullPath(Path.Combine(Root, "../shared/data/magnetic-tile"));
            return Directory.Exists(folder) ? folder : throw new BenchmarkException($"The photographs are not at {folder}.");
        }
    }
}
