using System.Text;

namespace Appliance.Exchange;

/// <summary>Lines of comma-separated values (RFC 4180): fields may stand in quotes, and then have commas, quotes (doubled) and line ends.</summary>
internal static class Csv
{
    /// <summary>Each record with the line on which it begins, from 1; empty lines are left out.</summary>
    /// <exception cref="FormatException">A quote is not closed; says the line.</exception>
    public static IEnumerable<(int Line, IReadOnlyList<string> Fields)> Read(TextReader text)
    {
        var number = 0;
        while (text.ReadLine() is { } line)
        {
            var first = ++number;
            if (IsOdd(line))
            {
                var record = new StringBuilder(line);
                string? more;
                do
                {
                    if ((more = text.ReadLine()) is null) throw new FormatException($"line {first}: a quote is opened and never closed");
                    record.Append('\n').Append(more);
                    number++;
                }
                while (!IsOdd(more));
                line = record.ToString();
            }

            if (line.Length > 0) yield return (first, Split(line));
        }
    }

    public static string Line(IEnumerable<string?> fields) => string.Join(',', fields.Select(Quote)) + "\n";

    private static string Quote(string? field) => field is null ? "" : field.AsSpan().IndexOfAny(",\"\r\n") < 0 && field == field.Trim() ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    // Opens a quote that stands, or closes it.
    private static bool IsOdd(string line) => line.AsSpan().Count('"') % 2 == 1;

    private static List<string> Split(string line)
    {
        var (fields, field, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"') field.Append(line[++i]);
            else if (c == '"') quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else field.Append(c);
        }

        fields.Add(field.ToString());
        return fields;
    }
}
