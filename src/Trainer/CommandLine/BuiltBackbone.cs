using System.Security.Cryptography;

namespace Trainer.CommandLine;

/// <summary>Where the program finds backbones: in <c>backbones</c> beside itself, and beside a model's package.</summary>
internal static class BuiltBackbone
{
    private const string DefaultName = "efficientnet_lite0-320.onnx";

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "backbones");

    /// <summary>The one that heads are trained on unless told otherwise.</summary>
    /// <exception cref="FileNotFoundException">The build did not make it.</exception>
    public static string Default
    {
        get
        {
            var path = Path.Combine(Folder, DefaultName);
            return File.Exists(path) ? path : throw new FileNotFoundException($"There is no backbone {path}. Build the program again, or make one with 'trainer backbone'.");
        }
    }

    /// <summary>The file with that content, whatever its name.</summary>
    /// <param name="sha256">Lower-case hex.</param>
    /// <param name="package">Directory of the package; its parent's <c>backbones</c> folders are searched too.</param>
    public static string Find(string sha256, string package)
    {
        var above = Path.GetDirectoryName(Path.GetFullPath(package).TrimEnd('/'));
        string?[] folders = [Folder, package, above, Sibling(above), Sibling(Path.GetDirectoryName(above))];
        return folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f!, "*.onnx")).FirstOrDefault(f => Hash(f) == sha256)
            ?? throw new FileNotFoundException($"The backbone {sha256[..12]}… of the model {package} is not in {Folder} nor beside the package. Copy its ONNX file there.");
    }

    private static string? Sibling(string? folder) => folder is null ? null : Path.Combine(folder, "backbones");

    private static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
