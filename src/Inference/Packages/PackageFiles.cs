namespace Inference.Packages;

/// <summary>Names and limits of what a package holds.</summary>
internal static class PackageFiles
{
    public const string Manifest = "manifest.json";
    public const string Head = "head.onnx";
    public const string Policy = "policy.json";

    /// <summary>What <c>sha256sum head.onnx manifest.json policy.json</c> prints.</summary>
    public const string Sums = "SHA256SUMS";

    /// <summary>A head on 3,168 values and 100 classes with its distance has 2 MB.</summary>
    public const int MaxHeadBytes = 32 << 20;

    /// <summary>100,000 out-of-fold predictions of ten classes have 25 MB.</summary>
    public const int MaxManifestBytes = 64 << 20;

    public const int MaxPolicyBytes = 1 << 20;

    public const int MaxSumsBytes = 1 << 10;

    public const int MaxClasses = 1000;

    public const int SchemaVersion = 1;
}
