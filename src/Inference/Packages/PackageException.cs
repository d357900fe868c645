namespace Inference.Packages;

/// <summary>A model package cannot be used; the message says which, why and what to do.</summary>
public sealed class PackageException : Exception
{
    public PackageException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
