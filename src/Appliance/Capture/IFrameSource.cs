namespace Appliance.Capture;

/// <summary>Where frames come from: a camera, a stream, a folder, a simulation. Used by one thread, which may block in it.</summary>
internal interface IFrameSource : IDisposable
{
    /// <summary>The URL it was made from, without credentials.</summary>
    string Url { get; }

    /// <summary>True where pictures keep coming whether or not anyone asks (camera, stream).</summary>
    bool IsLive { get; }

    /// <summary>True where it gives pictures once, from the first on (a folder, a video): opened again it would give them again.</summary>
    bool IsOnce => false;

    /// <summary>Whether <see cref="Grab"/> has something to read; never so for long only where no picture is nothing wrong (a folder that waits for files). Asked again, the picture before was handed on.</summary>
    bool IsReady() => true;

    /// <summary>Blocks until <see cref="IsReady"/> may have another answer, for any length of time: touches nothing that may hang.</summary>
    void AwaitNews(CancellationToken cancellation)
    {
    }

    /// <summary>
    /// Blocks until the next picture. Null when the source has ended for good.
    /// A picture that cannot be decoded is a frame with <see cref="Frame.Defect"/>; a source that fails throws <see cref="SourceException"/>.
    /// </summary>
    Frame? Grab(CancellationToken cancellation);
}

/// <summary>The source as a whole failed; the message says what, where and what to do.</summary>
internal sealed class SourceException : Exception
{
    public SourceException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
