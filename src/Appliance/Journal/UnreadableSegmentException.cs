namespace Appliance.Journal;

/// <summary>The disk or its permissions keep a segment from being read: what it holds is not known, which is another thing than damage.</summary>
internal sealed class UnreadableSegmentException(string path, Exception inner) : Exception($"Journal segment '{path}' cannot be read: {inner.Message}", inner)
{
    public string Path { get; } = path;
}
