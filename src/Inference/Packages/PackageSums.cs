using System.Security.Cryptography;
using System.Text;

namespace Inference.Packages;

/// <summary><c>SHA256SUMS</c>, so that no byte of a package changes unseen; <c>sha256sum -c SHA256SUMS</c> checks it without us.</summary>
internal static class PackageSums
{
    public static byte[] Of(ReadOnlySpan<byte> head, ReadOnlySpan<byte> manifest, ReadOnlySpan<byte> policy) =>
        Encoding.ASCII.GetBytes(Line(PackageFiles.Head, head) + Line(PackageFiles.Manifest, manifest) + Line(PackageFiles.Policy, policy));

    /// <exception cref="PackageException">A file is another one than was written; says which.</exception>
    public static void Check(string directory, ReadOnlySpan<byte> sums, ReadOnlySpan<byte> head, ReadOnlySpan<byte> manifest, ReadOnlySpan<byte> policy)
    {
        if (sums.SequenceEqual(Of(head, manifest, policy))) return;
        var text = Encoding.ASCII.GetString(sums);
        Check(directory, text, PackageFiles.Head, head);
        Check(directory, text, PackageFiles.Manifest, manifest);
        Check(directory, text, PackageFiles.Policy, policy);
        throw new PackageException($"'{Path.Combine(directory, PackageFiles.Sums)}' is damaged.");
    }

    private static void Check(string directory, string sums, string name, ReadOnlySpan<byte> bytes)
    {
        if (!sums.Contains(Line(name, bytes), StringComparison.Ordinal))
            throw new PackageException($"'{Path.Combine(directory, name)}' was altered: {PackageFiles.Sums} has another hash for it. Take the package anew from where it was made.");
    }

    private static string Line(string name, ReadOnlySpan<byte> bytes) => $"{Convert.ToHexStringLower(SHA256.HashData(bytes))}  {name}\n";
}
