using System.Globalization;
using System.Text.Json;

namespace Appliance.Settings;

/// <summary>At which line of a JSON file each value stands, by keys as a configuration has them.</summary>
internal sealed class JsonLines
{
    private static readonly JsonReaderOptions AsConfiguration = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private readonly Dictionary<string, int> lines = new(StringComparer.OrdinalIgnoreCase);
    private long counted;
    private int line = 1;

    /// <summary>Empty for a file that cannot be read.</summary>
    public static IReadOnlyDictionary<string, int> Read(string path)
    {
        var found = new JsonLines();
        try
        {
            var text = File.ReadAllBytes(path).AsSpan();
            if (text.StartsWith("\uFEFF"u8)) text = text[3..];
            var reader = new Utf8JsonReader(text, AsConfiguration);
            reader.Read();
            found.Take(ref reader, text, "");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // Changed since it was read: then the lines are not known, and the values still are.
        }

        return found.lines;
    }

    private void Take(ref Utf8JsonReader reader, ReadOnlySpan<byte> text, string path)
    {
        line += text[(int)counted..(int)reader.TokenStartIndex].Count((byte)'\n');
        counted = reader.TokenStartIndex;
        if (path.Length > 0) lines[path] = line;
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = reader.GetString()!;
                reader.Read();
                Take(ref reader, text, Below(path, name));
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++) Take(ref reader, text, Below(path, i.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}:{name}";
}
