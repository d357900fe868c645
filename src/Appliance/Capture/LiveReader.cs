using System.Runtime.ExceptionServices;

namespace Appliance.Capture;

/// <summary>Reads a live source without pause and keeps the newest picture. Its thread is the only one that uses the source.</summary>
internal sealed class LiveReader : IDisposable
{
    private readonly IFrameSource source;
    private readonly Thread thread;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim arrived = new(0);
    private readonly Lock gate = new();
    private Frame? newest;
    private long exposedAfter = long.MinValue;
    private ExceptionDispatchInfo? failure;
    private readonly Action over;
    private volatile bool ended;
    private long skipped;

    public LiveReader(IFrameSource source, TimeProvider time, Action over)
    {
        this.over = over;
        this.source = source;
        previousDelivery = time.GetTimestamp();
        thread = new Thread(Read) { IsBackground = true, Name = "live reader" };
        thread.Start();
    }

    public bool Over => ended;

    public long Skipped => Interlocked.Read(ref skipped);

    // Delivery of the picture before: exposure of the next one began no earlier. Used by the reading thread.
    private long previousDelivery;

    /// <summary>Blocks for a picture that nobody has taken yet, exposed after the timestamp where one is given. Null when the source ended.</summary>
    public Frame? Take(long? after, CancellationToken cancellation)
    {
        while (true)
        {
            lock (gate)
            {
                if (newest is { } frame && (after is null || exposedAfter >= after))
                {
                    newest = null;
                    return frame;
                }

                if (ended)
                {
                    failure?.Throw();
                    return null;
                }
            }

            arrived.Wait(cancellation);
        }
    }

    public void Dispose()
    {
        stop.Cancel();
        thread.Join();
        newest?.Dispose();
        arrived.Dispose();
        stop.Dispose();
    }

    private void Read()
    {
        try
        {
            while (!stop.IsCancellationRequested && source.Grab(stop.Token) is { } frame) Keep(frame);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception exception)
        {
            failure = ExceptionDispatchInfo.Capture(exception);
        }

        lock (gate) ended = true;
        arrived.Release();
        over();
    }

    private void Keep(Frame frame)
    {
        lock (gate)
        {
            if (newest is not null)
            {
                newest.Dispose();
                Interlocked.Increment(ref skipped);
            }

            newest = frame;
            exposedAfter = previousDelivery;
            previousDelivery = frame.GrabTimestamp;
        }

        if (arrived.CurrentCount == 0) arrived.Release();
    }
}
