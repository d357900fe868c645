namespace Trainer.Tests;

/// <summary>The built program, started as a process.</summary>
internal static class TrainerProgram
{
    // A whole training, beside other tests.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>What it printed and how it ended.</summary>
    internal sealed record Ended(int ExitCode, string Output, string Errors)
    {
        public string LastLine => Output.TrimEnd().Split('\n')[^1];
    }

    public static string File { get; } = Path.Combine(Shared.RepositoryRoot, "out", "trainer", "trainer");

    public static async Task<Ended> Run(params string[] arguments)
    {
        var (code, output, errors) = await ProcessEnd.RunAsync(new(File, arguments), Limit);
        return new(code, output, errors);
    }
}
