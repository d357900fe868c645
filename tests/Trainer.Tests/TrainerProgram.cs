using System.Diagnostics;

namespace Trainer.Tests;

/// <summary>The built program, started as a process.</summary>
internal static class TrainerProgram
{
    /// <summary>What it printed and how it ended.</summary>
    internal sealed record Ended(int ExitCode, string Output, string Errors)
    {
        public string LastLine => Output.TrimEnd().Split('\n')[^1];
    }

    public static async Task<Ended> Run(params string[] arguments)
    {
        var program = Path.Combine(Shared.RepositoryRoot, "out", "trainer", "trainer");
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new(process.ExitCode, output, await errors);
    }
}
