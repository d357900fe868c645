namespace Inference.Parts;

/// <summary>
/// A CSV that says which photographs show the same physical part: a first line with at least <c>file</c> and <c>part</c>, as in
/// <c>file,class,part</c>; other columns are ignored. Fields have no quotes or commas.
/// </summary>
public static class PartsFile
{
    /// <summary>Part of each file that the list names.</summary>
    /// <exception cref="PartsFileException">It cannot be read, has not the columns, or names two parts for a file; says the line.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        var lines = ReadLines(path);
        string[] heading = lines.Length == 0 ? [] : Fields(lines[0]);
        int file = Array.IndexOf(heading, "file"), part = Array.IndexOf(heading, "part");
        if (file < 0 || part < 0) throw new PartsFileException($"The parts list '{path}' needs a first line that names the columns 'file' and 'part', as in: file,class,part");
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 1; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            var fields = Fields(lines[i]);
            if (fields.Length != heading.Length || fields[file].Length == 0 || fields[part].Length == 0)
                throw new PartsFileException($"The parts list '{path}', line {i + 1}: expected {heading.Length} fields with a file and a part, got '{lines[i]}'.");
            if (!parts.TryAdd(fields[file], fields[part]) && parts[fields[file]] != fields[part])
                throw new PartsFileException($"The parts list '{path}', line {i + 1}: '{fields[file]}' has two parts, '{parts[fields[file]]}' and '{fields[part]}'. Keep one.");
        }

        return parts;
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PartsFileException($"The parts list '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static string[] Fields(string line) => line.Split(',', StringSplitOptions.TrimEntries);
}

/// <summary>A parts list cannot be used; the message says which, where and why.</summary>
public sealed class PartsFileException(string message, Exception? inner = null) : Exception(message, inner);
