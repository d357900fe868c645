using System.Globalization;
using Inference.Preparation;

namespace Appliance.Exchange;

/// <summary>One picture to import.</summary>
/// <param name="Where">Its file, or the line of the list that names it, for messages.</param>
/// <param name="Query">What is said of it, by the names of the HTTP interface.</param>
internal sealed record ImportItem(string Where, string Path, IReadOnlyDictionary<string, string> Query);

/// <summary>What a folder has: pictures, and what cannot be one, each with its place.</summary>
internal sealed record ImportPlan(IReadOnlyList<ImportItem> Items, IReadOnlyList<string> Problems);

/// <summary>
/// Looks through a folder of class folders, and the list <c>samples.csv</c> in it where there is one: <c>file,class,part,by,at,history,sample</c>, of which only <c>file</c> must be
/// there. Nothing outside the folder is read: no path that climbs out, no symbolic link.
/// </summary>
internal sealed class ImportFolder(string directory, string? list)
{
    public const string ListName = "samples.csv";
    private readonly string root = Path.GetFullPath(directory);
    private readonly List<ImportItem> items = [];
    private readonly List<string> problems = [];
    private readonly HashSet<string> named = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The folder or the list cannot be read.</exception>
    public ImportPlan Read()
    {
        var path = list ?? Path.Combine(root, ListName);
        if (list is not null || File.Exists(path)) ReadList(path);
        foreach (var folder in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal)) ReadFolder(folder);
        foreach (var file in Directory.EnumerateFiles(root).Where(f => PictureFile.IsPicture(f) && !named.Contains(f)).Order(StringComparer.Ordinal))
            problems.Add($"{file}: it lies in no class folder, and no list says what it shows");
        return new(items, problems);
    }

    private void ReadFolder(string folder)
    {
        if (IsLink(folder))
        {
            problems.Add($"{folder}: it is a symbolic link, and those are not followed");
            return;
        }

        var name = ClassFolder.ClassOf(Path.GetFileName(folder));
        foreach (var file in Directory.EnumerateFiles(folder).Where(f => !named.Contains(f)).Order(StringComparer.Ordinal))
        {
            if (!PictureFile.IsPicture(file)) problems.Add($"{file}: by its name it is no picture; {string.Join(", ", PictureFile.Extensions)} are");
            else Add(file, file, new() { ["class"] = name });
        }
    }

    private void ReadList(string path)
    {
        using var text = new StreamReader(path);
        using var records = Csv.Read(text).GetEnumerator();
        try
        {
            if (!records.MoveNext() || !records.Current.Fields.Contains("file"))
            {
                problems.Add($"{path}, line 1: it must name the columns, and 'file' among them, as in: file,class,part,by,at,history,sample");
                return;
            }

            var heading = records.Current.Fields;
            while (records.MoveNext()) ReadLine($"{path}, line {records.Current.Line}", heading, records.Current.Fields);
        }
        catch (FormatException e)
        {
            problems.Add($"{path}, {e.Message}; nothing after it is imported by the list");
        }
    }

    private void ReadLine(string where, IReadOnlyList<string> heading, IReadOnlyList<string> fields)
    {
        if (fields.Count != heading.Count)
        {
            problems.Add($"{where}: it has {fields.Count} fields, its first line names {heading.Count}");
            return;
        }

        var said = heading.Zip(fields).Where(f => f.Second.Length > 0).DistinctBy(f => f.First).ToDictionary(f => f.First, f => f.Second, StringComparer.Ordinal);
        if (!said.TryGetValue("file", out var file) || Inside(file) is not { } path)
        {
            problems.Add($"{where}: '{file}' is no file inside {root}");
            return;
        }

        named.Add(path);
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (column, name) in new[] { ("class", "class"), ("part", "part"), ("by", "labelledBy"), ("at", "at"), ("history", "history"), ("sample", "sample") })
            if (said.TryGetValue(column, out var value)) query[name] = value;
        if (query.TryGetValue("at", out var at) && !DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
            problems.Add($"{where}: at is '{at}'; it takes a time, for example 2026-03-02T06:00:00Z");
        else if (!query.ContainsKey("class") && !query.ContainsKey("history") && Path.GetDirectoryName(path) == root) problems.Add($"{where}: '{file}' has no class and lies in no class folder");
        else
        {
            if (!query.ContainsKey("class") && !query.ContainsKey("history")) query["class"] = ClassFolder.ClassOf(Path.GetFileName(Path.GetDirectoryName(path)!));
            Add(where, path, query);
        }
    }

    private void Add(string where, string path, Dictionary<string, string> query)
    {
        // Whatever is no plain file with something in it, a pipe above all, would be waited for without end.
        if (Link(path) is { } link) problems.Add($"{where}: {link} is a symbolic link, and those are not followed");
        else if (new FileInfo(path) is not { Exists: true } file) problems.Add($"{where}: there is no file {path}");
        else if (file.Length == 0) problems.Add($"{where}: {path} is empty");
        else
        {
            query["name"] = Path.GetRelativePath(root, path);
            items.Add(new(where, path, query));
        }
    }

    // Null for a path that is absolute or climbs out.
    private string? Inside(string file)
    {
        if (Path.IsPathRooted(file) || file.Contains('\0', StringComparison.Ordinal)) return null;
        var path = Path.GetFullPath(Path.Combine(root, file));
        return path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal) ? path : null;
    }

    private string? Link(string path)
    {
        for (var at = path; at.Length > root.Length; at = Path.GetDirectoryName(at)!)
        {
            if (IsLink(at)) return at;
        }

        return null;
    }

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;
}
