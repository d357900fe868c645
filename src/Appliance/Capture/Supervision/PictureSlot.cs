namespace Appliance.Capture.Supervision;

/// <summary>Between the thread that reads a source and the one that takes pictures: the newest picture, and whether more will come.</summary>
internal sealed class PictureSlot(CameraCounters counters) : IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim changed = new(0);
    private Frame? newest;
    private long exposedAfter;
    private bool delivers;
    private volatile bool closed;

    /// <summary>No more pictures will come; the last one may still be taken.</summary>
    public bool IsClosed => closed;

    /// <summary>Why it was closed; null where the source has ended.</summary>
    public SourceFailure? Failure { get; private set; }

    /// <summary>The source delivers: <see cref="WaitUntilDelivers"/> returns.</summary>
    public void Delivers()
    {
        lock (gate) delivers = true;
        Signal();
    }

    /// <summary>Takes over a picture, in place of an older one that nobody took. A closed slot disposes it.</summary>
    /// <param name="exposedSince">Timestamp after which its exposure began.</param>
    public void Put(Frame frame, long exposedSince)
    {
        lock (gate)
        {
            if (closed)
            {
                frame.Dispose();
                return;
            }

            if (newest is not null)
            {
                newest.Dispose();
                counters.Skip();
            }

            newest = frame;
            exposedAfter = exposedSince;
        }

        Signal();
    }

    /// <summary>Closes; the first one says why. False where it was closed before.</summary>
    public bool Close(SourceFailure? why)
    {
        lock (gate)
        {
            if (closed) return false;
            Failure = why;
            closed = true;
        }

        Signal();
        return true;
    }

    /// <summary>Blocks until the source delivers; false when it was closed before.</summary>
    public bool WaitUntilDelivers(CancellationToken cancellation)
    {
        while (true)
        {
            lock (gate)
            {
                if (delivers) return true;
                if (closed) return false;
            }

            changed.Wait(cancellation);
        }
    }

    /// <summary>Blocks for a picture that nobody has taken yet, exposed after the timestamp where one is given. Null when none will come.</summary>
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

                if (closed) return null;
            }

            changed.Wait(cancellation);
        }
    }

    /// <summary>Gives back the picture that nobody took. Closed before.</summary>
    public void Drop()
    {
        lock (gate)
        {
            newest?.Dispose();
            newest = null;
        }
    }

    public void Dispose() => changed.Dispose();

    private void Signal()
    {
        lock (gate)
            if (changed.CurrentCount == 0) changed.Release();
    }
}
