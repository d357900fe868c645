using System.Collections.Concurrent;
using OpenCvSharp;

namespace Appliance.Capture;

/// <summary>
/// Picture buffers that go round, so that a running camera allocates none. Rented on the source's thread, given back on any.
/// Buffers still out when the pool is disposed are freed on their return.
/// </summary>
internal sealed class FramePool : IDisposable
{
    private const int MaxIdle = 16;
    private readonly ConcurrentBag<Mat> idle = [];
    private readonly Action<Frame> giveBack;
    private int outstanding;
    private volatile bool disposed;

    public FramePool() => giveBack = frame =>
    {
        Interlocked.Decrement(ref outstanding);
        Return(frame.Picture);
    };

    /// <summary>Frames made by <see cref="Release"/> and not yet disposed.</summary>
    public int Outstanding => Volatile.Read(ref outstanding);

    /// <summary>A buffer of any size and content; the caller fills it and makes a frame with <see cref="Release"/>, or returns it.</summary>
    public Mat Rent() => idle.TryTake(out var mat) ? mat : new Mat();

    public void Return(Mat mat)
    {
        if (disposed || idle.Count >= MaxIdle) mat.Dispose();
        else idle.Add(mat);
        if (disposed) Clear();
    }

    /// <summary>What a frame over a rented buffer must call on disposal. Counts it as out.</summary>
    public Action<Frame> Release()
    {
        Interlocked.Increment(ref outstanding);
        return giveBack;
    }

    public void Dispose()
    {
        disposed = true;
        Clear();
    }

    private void Clear()
    {
        while (idle.TryTake(out var mat)) mat.Dispose();
    }
}
