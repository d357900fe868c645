namespace Appliance.Capture.Folders;

/// <summary>A CSV with a header that has at least <c>file</c> and <c>part</c>: which physical part a picture shows. Fields have no quotes or commas.</summary>
internal sealed class PartsFile
{
    private readonly Dictionary<string, string> parts = new(StringComparer.Ordinal);

    /// <exception cref="SourceException">The file cannot be read as such a list; names the line.</exception>
    public static PartsFile Read(string path)
    {
        try
        {
            return Parse(path, File.ReadAllLines(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"Parts list '{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The part of a picture by its path relative to the folder, with forward slashes; null where the list does not name it.</summary>
    public string? PartOf(string file) => parts.GetValueOrDefault(file);

    private static PartsFile Parse(string path, string[] lines)
    {
        var header = lines.Length == 0 ? [] : Fields(lines[0]);
        var (file, part) = (Array.IndexOf(header, "file"), Array.IndexOf(header, "part"));
        if (file < 0 || part < 0) throw new SourceException($"Parts list '{path}' needs a first line with 'file' and 'part', for example 'file,class,part'.");
        var result = new PartsFile();
        for (var i = 1; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            var fields = Fields(lines[i]);
            if (fields.Length != header.Length || fields[file].Length == 0 || fields[part].Length == 0)
                throw new SourceException($"Parts list '{path}', line {i + 1}: expected {header.Length} fields with a file and a part, got '{lines[i]}'.");
            if (!result.parts.TryAdd(fields[file], fields[part]) && result.parts[fields[file]] != fields[part])
                throw new SourceException($"Parts list '{path}', line {i + 1}: '{fields[file]}' was listed before with another part.");
        }

        return result;
    }

    private static string[] Fields(string line) => line.Split(',', StringSplitOptions.TrimEntries);
}
