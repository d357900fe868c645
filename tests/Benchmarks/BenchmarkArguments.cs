using System.Globalization;

namespace Benchmarks;

/// <summary>Options as <c>--name value</c>.</summary>
internal sealed class BenchmarkArguments
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    public static BenchmarkArguments Parse(ReadOnlySpan<string> args)
    {
        var parsed = new BenchmarkArguments();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length)
                throw new BenchmarkException($"'{args[i]}' is not understood; options are --name value.");
            parsed.values[args[i][2..]] = args[i + 1];
        }

        return parsed;
    }

    public string? Text(string name) => values.GetValueOrDefault(name);

    public int Number(string name, int fallback)
    {
        if (Text(name) is not { } text) return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new BenchmarkException($"--{name} is '{text}'; a number is needed.");
    }
}
