namespace Testing.Files;

/// <summary>A new directory of its own, gone after the test.</summary>
/// <param name="under">Where, for a test that needs another disk; null for the usual place.</param>
internal sealed class TemporaryDirectory(string? under = null) : IDisposable
{
    public string Path { get; } = under is null
        ? Directory.CreateTempSubdirectory("inspection-test-").FullName
        : Directory.CreateDirectory(System.IO.Path.Combine(under, "inspection-test-" + Guid.NewGuid().ToString("n"))).FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
