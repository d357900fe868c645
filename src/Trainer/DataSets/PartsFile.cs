namespace Trainer.DataSets;

/// <summary>Reads <c>file,class,part</c>: which photographs show the same physical part. A heading names the columns; others are ignored.</summary>
internal static class PartsFile
{
    /// <summary>Part of each file that it names.</summary>
    /// <param name="path">The CSV file; no field holds a comma.</param>
    /// <param name="files">The pictures there are: each must be named.</param>
    /// <exception cref="DataSetException">Missing, without the columns, two parts for a file, or a picture that it does not name.</exception>
    public static Dictionary<string, string> Read(string path, IReadOnlyCollection<string> files)
    {
        if (!File.Exists(path)) throw new DataSetException($"There is no parts file {path}.");
        var lines = File.ReadAllLines(path);
        string[] heading = lines.Length == 0 ? [] : Fields(lines[0]);
        int file = Array.IndexOf(heading, "file"), part = Array.IndexOf(heading, "part");
        if (file < 0 || part < 0) throw new DataSetException($"{path} needs a first line that names the columns 'file' and 'part', as in: file,class,part");
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 1; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            var fields = Fields(lines[i]);
            if (fields.Length <= Math.Max(file, part) || fields[file].Length == 0 || fields[part].Length == 0)
                throw new DataSetException($"{path}, line {i + 1}: file or part is missing in '{lines[i]}'.");
            if (!result.TryAdd(fields[file], fields[part]) && result[fields[file]] != fields[part])
                throw new DataSetException($"{path}, line {i + 1}: {fields[file]} has two parts, {result[fields[file]]} and {fields[part]}. Keep one.");
        }

        var unnamed = files.Where(f => !result.ContainsKey(f)).ToList();
        return unnamed.Count == 0 ? result
            : throw new DataSetException($"{path} names no part for {unnamed.Count} pictures, the first is {unnamed[0]}. Add them, or their copies would be tested on themselves.");
    }

    private static string[] Fields(string line) => line.Split(',', StringSplitOptions.TrimEntries);
}
