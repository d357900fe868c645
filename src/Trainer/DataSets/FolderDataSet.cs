using Inference.Parts;
using Inference.Preparation;

namespace Trainer.DataSets;

/// <summary>One photograph of a data set.</summary>
/// <param name="File">Path relative to the folder, with <c>/</c>.</param>
/// <param name="Class">Name of its class.</param>
/// <param name="Part">Physical part; the file's own name where none is known.</param>
public sealed record Photograph(string File, string Class, string Part);

/// <summary>The data set cannot be used: what, where, what to do.</summary>
public sealed class DataSetException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A folder with one folder a class. Photographs of one part are told by <c>parts.csv</c> (<c>file,class,part</c>).</summary>
/// <param name="Folder">Absolute path.</param>
/// <param name="Classes">Names in order.</param>
/// <param name="Photographs">By file name.</param>
public sealed record FolderDataSet(string Folder, IReadOnlyList<string> Classes, IReadOnlyList<Photograph> Photographs)
{
    /// <param name="folder">Where the class folders are.</param>
    /// <param name="partsFile">Null takes <c>parts.csv</c> in the folder where there is one.</param>
    /// <exception cref="DataSetException">Missing, no or one class, an empty class, names that differ by case only, a bad parts file.</exception>
    public static FolderDataSet Read(string folder, string? partsFile)
    {
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder)) throw new DataSetException($"There is no folder {folder}. Give the folder that holds one folder a class.");
        var classes = Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d)!).Where(n => n[0] != '.').Order(StringComparer.Ordinal).ToList();
        var twins = classes.GroupBy(c => c, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1);
        if (twins is not null) throw new DataSetException($"Classes in {folder} differ by case only: {string.Join(", ", twins)}. Rename one, or put their pictures together.");
        if (classes.Count < 2)
            throw new DataSetException($"{folder} holds {(classes.Count == 0 ? "no class folder" : $"one class only ('{classes[0]}')")}; at least two are needed, one folder a class.");
        var files = classes.SelectMany(c => Pictures(folder, c)).ToList();
        var defaultParts = Path.Combine(folder, "parts.csv");
        var parts = partsFile ?? (File.Exists(defaultParts) ? defaultParts : null);
        return new(folder, classes, parts is null
            ? [.. files.Select(f => new Photograph(f.File, f.Class, f.File))]
            : WithParts(files, parts));
    }

    private static List<Photograph> WithParts(List<(string File, string Class)> files, string path)
    {
        try
        {
            var parts = PartsFile.Read(path);
            var unnamed = files.Where(f => !parts.ContainsKey(f.File)).ToList();
            return unnamed.Count == 0
                ? [.. files.Select(f => new Photograph(f.File, f.Class, parts[f.File]))]
                : throw new DataSetException($"{path} names no part for {unnamed.Count} pictures, the first is {unnamed[0].File}. Add them, or their copies would be tested on themselves.");
        }
        catch (PartsFileException e)
        {
            throw new DataSetException(e.Message, e);
        }
    }

    private static List<(string File, string Class)> Pictures(string folder, string name)
    {
        var files = Directory.EnumerateFiles(Path.Combine(folder, name))
            .Where(PictureFile.IsPicture)
            .Select(f => $"{name}/{Path.GetFileName(f)}").Order(StringComparer.Ordinal).Select(f => (f, name)).ToList();
        return files.Count > 0 ? files
            : throw new DataSetException($"The class '{name}' in {folder} is empty. Put pictures ({string.Join(", ", PictureFile.Extensions)}) into it, or remove its folder.");
    }
}
