using System.Security.Cryptography;
using Inference.Decisions;
using Inference.Files;

namespace Inference.Packages;

/// <summary>
/// Models and backbones under one root: <c>models/ID/</c> and <c>backbones/SHA256.onnx</c>. What is in it is never changed.
/// Safe for several threads of one process.
/// </summary>
public sealed class ModelStore(IFileSystem fs, string root)
{
    private readonly Lock importing = new();
    private readonly string models = Path.Combine(root, "models");
    private readonly string backbones = Path.Combine(root, "backbones");

    /// <summary>Keeps a copy of a backbone by its content.</summary>
    /// <returns>Its SHA-256, lower-case hex.</returns>
    /// <exception cref="PackageException">The file cannot be read.</exception>
    public string AddBackbone(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PackageException($"The backbone '{path}' cannot be read: {e.Message} 'trainer backbone' makes one.", e);
        }

        var sha = Convert.ToHexStringLower(SHA256.HashData(bytes));
        // Damaged on its disk it is put there anew: the one that is added is the same.
        if (!File.Exists(PathOf(sha)) || HashOf(PathOf(sha)) != sha)
        {
            fs.CreateDirectory(backbones);
            WholeFile.Write(fs, PathOf(sha), bytes);
        }

        return sha;
    }

    /// <summary>The file of a backbone, its content verified.</summary>
    /// <exception cref="PackageException">It is not there, or was altered.</exception>
    public string BackbonePath(string sha256)
    {
        var path = PathOf(Name(sha256, "backbone"));
        if (!File.Exists(path)) throw new PackageException($"The backbone {sha256} is not in '{backbones}'.");
        var found = HashOf(path);
        return found == sha256 ? path : throw new PackageException($"'{path}' was altered: its SHA-256 is {found}. Remove it; the appliance puts it there anew at its next start.");
    }

    /// <summary>Takes a verified copy of a package. One that is there already stays; a damaged one gives way, under a hidden name.</summary>
    /// <returns>The model's id.</returns>
    /// <exception cref="PackageException">The package is refused, or the same model is there with another policy.</exception>
    /// <exception cref="IOException">It could not be written; importing it again completes it.</exception>
    public string Import(string packageDirectory)
    {
        var package = PackageReader.Read(packageDirectory);
        var target = Path.Combine(models, package.ModelId);
        lock (importing)
        {
            fs.CreateDirectory(models);
            if (Directory.Exists(target))
            {
                if (Stored(package.ModelId) is { } there)
                {
                    if (there.PolicyId != package.PolicyId)
                        throw new PackageException($"Model {package.ModelId} is there already with policy {there.PolicyId}; '{package.Directory}' has policy {package.PolicyId}. Remove '{target}' first if it shall be replaced.");
                    // The import before may have failed in its very last step.
                    fs.SyncDirectory(models);
                    return package.ModelId;
                }

                fs.Rename(target, WholeFile.TemporaryNameFor(target));
            }

            PackageWriter.Write(fs, target, package.Manifest, package.Head.Span, package.Policy);
        }

        return package.ModelId;
    }

    /// <exception cref="PackageException">It is not there, or is refused.</exception>
    public ModelPackage Read(string modelId)
    {
        var directory = Path.Combine(models, Name(modelId, "model"));
        if (!Directory.Exists(directory)) throw new PackageException($"There is no model {modelId}; 'appliance models list' shows those that are there.");
        var package = PackageReader.Read(directory);
        return package.ModelId == modelId ? package : throw new PackageException($"'{directory}' holds model {package.ModelId}.");
    }

    /// <summary>As <see cref="Read(string)"/>, with another policy in the place of the package's own.</summary>
    /// <param name="policy">Null for the package's own.</param>
    /// <exception cref="PackageException">The model is not there or is refused, or the policy does not fit its classes.</exception>
    public ModelPackage Read(string modelId, DecisionPolicy? policy) => Read(modelId).With(policy);

    /// <summary>Every package, and what is wrong with those that are broken.</summary>
    public ModelListing List()
    {
        var (whole, broken) = (new List<ModelPackage>(), new List<PackageException>());
        if (!Directory.Exists(models)) return new(whole, broken);
        foreach (var directory in Directory.EnumerateDirectories(models).Order(StringComparer.Ordinal))
        {
            // Hidden ones were being written when the power went.
            if (Path.GetFileName(directory).StartsWith('.')) continue;
            try
            {
                whole.Add(Read(Path.GetFileName(directory)));
            }
            catch (PackageException e)
            {
                broken.Add(e);
            }
        }

        return new(whole, broken);
    }

    private ModelPackage? Stored(string modelId)
    {
        try
        {
            return Read(modelId);
        }
        catch (PackageException)
        {
            return null;
        }
    }

    private static string HashOf(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PackageException($"The backbone '{path}' cannot be read: {e.Message}", e);
        }
    }

    private string PathOf(string sha256) => Path.Combine(backbones, sha256 + ".onnx");

    // An id comes from people too: nothing but a hash becomes a path.
    private static string Name(string id, string what) =>
        id is { Length: 64 } && id.All(char.IsAsciiHexDigitLower) ? id : throw new PackageException($"'{id}' is no {what} id: 64 lower-case hexadecimal digits.");
}

/// <summary>What is in a store.</summary>
public sealed record ModelListing(IReadOnlyList<ModelPackage> Models, IReadOnlyList<PackageException> Broken);
