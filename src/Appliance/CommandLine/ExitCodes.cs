using System.CommandLine;

namespace Appliance.CommandLine;

/// <summary>Exit codes for scripts.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;

    /// <summary>Wrong usage or configuration.</summary>
    public const int Usage = 2;

    // Longer than the host allows itself to stop: given up before, an orderly stop would end with 143.
    private static readonly InvocationConfiguration Invocation = new() { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };

    /// <summary>Parses and runs; a command line that cannot be parsed is <see cref="Usage"/>, and points to the help of the command that was meant.</summary>
    public static async Task<int> RunAsync(this RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0) return await parsed.InvokeAsync(Invocation);
        foreach (var error in parsed.Errors) await Console.Error.WriteLineAsync(Plain(error.Message));
        await Console.Error.WriteLineAsync($"Try '{HelpExamples.PathOf(parsed.CommandResult.Command)} --help'.");
        return Usage;
    }

    // The library names the type of the program that the word does not fit, which tells a user nothing.
    private static string Plain(string message) => message.IndexOf(" as expected type ", StringComparison.Ordinal) is > 0 and var end ? message[..end] + "." : message;
}
