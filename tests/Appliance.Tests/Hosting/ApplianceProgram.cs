using System.Diagnostics;

namespace Appliance.Tests.Hosting;

/// <summary>The built program, run as a process with an environment of its own.</summary>
internal static class ApplianceProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public static string RepositoryRoot { get; } = FindRoot();

    public static string File { get; } = Path.Combine(RepositoryRoot, "out/appliance/appliance");

    public static Task<ProgramResult> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string>(), arguments);

    public static Task<ProgramResult> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments) => RunAsync(File, environment, arguments);

    /// <summary>Another program, which may start the built one.</summary>
    public static async Task<ProgramResult> RunAsync(string file, IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(directory.FullName, "Appliance.sln"))) directory = directory.Parent!;
        return directory.FullName;
    }
}

internal sealed record ProgramResult(int Code, string Output, string Error);
