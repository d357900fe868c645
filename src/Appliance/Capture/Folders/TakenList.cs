using System.Text.Json;
using System.Text.Json.Serialization;
using Inference.Files;
using Microsoft.Extensions.Logging;

namespace Appliance.Capture.Folders;

/// <summary>
/// <c>taken/CAMERA.jsonl</c>: which files of a watched folder have their verdict, so that none is given again after a restart. A line a file, added once its verdict
/// is committed; made anew without the files that are gone when it has grown. Not synced: a killed process loses nothing, a power cut the last seconds. Any thread.
/// </summary>
internal sealed class TakenList(IFileSystem files, string path, string folder, ILogger logger)
{
    // Lines beyond those of files that are there, before it is made anew.
    private const int Slack = 1000;
    private const int TryAgainAfter = 100;
    private readonly Lock gate = new();
    private Dictionary<string, FileStamp>? entries;
    private IWritableFile? file;
    private int lines;
    // Since the disk failed.
    private int passed;

    /// <summary>By path below the folder. Read at the first call; one of another folder, and what cannot be understood, is passed over.</summary>
    /// <exception cref="IOException">The disk does not give it.</exception>
    public IReadOnlyDictionary<string, FileStamp> Read()
    {
        lock (gate) return new Dictionary<string, FileStamp>(Entries(), StringComparer.Ordinal);
    }

    /// <summary>A file has its verdict. Where the disk takes it not, the next ones try again; until then a restart would give the file again.</summary>
    public void Add(string name, FileStamp stamp)
    {
        lock (gate)
        {
            try
            {
                Entries()[name] = stamp;
                if (passed > 0 && passed++ % TryAgainAfter != 0) return;
                if (file is null || lines > (2 * entries!.Count) + Slack) WriteAnew();
                else Append(new(name, stamp.Written, stamp.LengthBytes));
                passed = 0;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (passed == 0) logger.TakenNotWritten(path, e.Message);
                passed++;
                Close();
            }
        }
    }

    /// <summary>Files that are gone need no memory.</summary>
    public void Keep(IReadOnlySet<string> present)
    {
        lock (gate)
        {
            foreach (var gone in Entries().Keys.Where(name => !present.Contains(name)).ToList()) entries!.Remove(gone);
        }
    }

    private Dictionary<string, FileStamp> Entries()
    {
        if (entries is not null) return entries;
        var read = new Dictionary<string, FileStamp>(StringComparer.Ordinal);
        if (File.Exists(path))
        {
            var found = File.ReadLines(path).Select(Parse).OfType<TakenLine>().ToList();
            if (found is [{ Folder: { } of }, ..] && of == folder)
                foreach (var one in found.Skip(1).Where(l => l.Name is not null)) read[one.Name!] = new(one.Written, one.LengthBytes);
        }

        return entries = read;
    }

    // A torn end is no line.
    private static TakenLine? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, TakenJson.Default.TakenLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void WriteAnew()
    {
        Close();
        files.CreateDirectory(Path.GetDirectoryName(path)!);
        var content = new MemoryStream();
        content.Write(Line(new(null, default, 0, folder)));
        foreach (var (name, stamp) in entries!) content.Write(Line(new(name, stamp.Written, stamp.LengthBytes)));
        WholeFile.Write(files, path, content.GetBuffer().AsSpan(0, (int)content.Length));
        file = files.OpenAppend(path);
        lines = entries.Count;
    }

    private void Append(TakenLine line)
    {
        file!.Write(Line(line));
        lines++;
    }

    private void Close()
    {
        file?.Dispose();
        file = null;
    }

    private static byte[] Line(TakenLine line) => [.. JsonSerializer.SerializeToUtf8Bytes(line, TakenJson.Default.TakenLine), (byte)'\n'];
}

/// <summary>One line: the first names the folder, the others a file below it.</summary>
internal sealed record TakenLine(string? Name, DateTime Written, long LengthBytes, string? Folder = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(TakenLine))]
internal sealed partial class TakenJson : JsonSerializerContext;
