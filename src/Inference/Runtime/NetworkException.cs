namespace Inference.Runtime;

/// <summary>An ONNX file cannot be used; the message says which, why and what to do.</summary>
public sealed class NetworkException : Exception
{
    public NetworkException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <param name="what">The network, as in "the backbone lite0.onnx".</param>
    /// <param name="why">The rest of the sentence.</param>
    internal static NetworkException Refuse(string what, string why, Exception? inner = null) => new($"Cannot load {what}: {why}", inner);
}
