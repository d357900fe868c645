using Inference.Decisions;

namespace Appliance.Capture;

/// <summary>
/// Between the cameras and the one thread that judges: what was triggered first, for it has a deadline, then free run, each first in, first out. A camera in free run has a few
/// places and loses its oldest picture; what was triggered keeps its place until its trigger has a verdict, and there are no more of those than triggers may be open.
/// </summary>
internal sealed class InspectionQueue : IFrameSink, IDisposable
{
    private readonly Lock gate = new();
    private readonly LinkedList<Captured> waiting = new();
    private readonly SemaphoreSlim ready = new(0);
    private readonly Dictionary<string, CameraOptions> cameras;
    private readonly TimeProvider time;
    private readonly Action? late;
    private bool completed;
    private long dropped;

    /// <param name="late">Told of each picture that is let go because its trigger has a verdict already.</param>
    public InspectionQueue(IEnumerable<CameraOptions> cameras, TimeProvider time, Action? late = null)
    {
        this.cameras = cameras.ToDictionary(c => c.Name, StringComparer.Ordinal);
        (this.time, this.late) = (time, late);
    }

    /// <summary>Things waiting now.</summary>
    public int Count
    {
        get { lock (gate) return waiting.Count; }
    }

    /// <summary>Pictures of free run that were pushed out by younger ones, or came after <see cref="Complete"/>.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    public int Offer(CapturedFrame captured)
    {
        lock (gate)
        {
            if (captured.Trigger is { } trigger) OfferTriggered(captured, trigger);
            else return OfferFree(captured);
            return 0;
        }
    }

    public void Fault(CapturedFault fault)
    {
        lock (gate) Add(fault);
    }

    /// <summary>Nothing of free run is taken any more; what waits can still be taken.</summary>
    public void Complete()
    {
        lock (gate)
        {
            if (completed) return;
            completed = true;
            ready.Release();
        }
    }

    /// <summary>Blocks until something waits. Null when the queue is complete and empty.</summary>
    public Captured? Take(CancellationToken cancellation)
    {
        while (true)
        {
            ready.Wait(cancellation);
            lock (gate)
            {
                if (waiting.First is { } first)
                {
                    waiting.RemoveFirst();
                    return first.Value;
                }

                if (!completed) continue;
                ready.Release();
                return null;
            }
        }
    }

    /// <summary>Gives back the pictures that nobody took.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (var left in waiting.OfType<CapturedFrame>()) left.Frame.Dispose();
            waiting.Clear();
        }

        ready.Dispose();
    }

    private void OfferTriggered(CapturedFrame captured, TriggerRequest trigger)
    {
        waiting.DropOver(one => one.Trigger, LetGo);
        if (trigger.Progress.IsOver)
        {
            LetGo(captured);
            return;
        }

        if (!completed)
        {
            trigger.Progress.Stage = TriggerStage.Queued;
            Add(captured);
            return;
        }

        captured.Frame.Settle();
        captured.Frame.Dispose();
        Add(new CapturedFault(captured.Camera, trigger, Reasons.Interrupted, "The station is stopping.", time.GetTimestamp(), time.GetUtcNow()));
    }

    private void LetGo(Captured over)
    {
        if (over is CapturedFrame { Frame: var frame })
        {
            frame.Settle();
            frame.Dispose();
        }

        late?.Invoke();
    }

    private int OfferFree(CapturedFrame captured)
    {
        if (completed)
        {
            captured.Frame.Dispose();
            Interlocked.Increment(ref dropped);
            return 1;
        }

        var pushedOut = WaitingFree(captured.Camera) >= Options(captured.Camera).QueueLength;
        if (pushedOut) DropOldest(captured.Camera);
        Add(captured);
        return pushedOut ? 1 : 0;
    }

    // The ready count of the dropped one stays and is found empty-handed by Take, which loops.
    private void DropOldest(string camera)
    {
        for (var node = waiting.First; node is not null; node = node.Next)
        {
            if (node.Value is not CapturedFrame { Trigger: null } old || old.Camera != camera) continue;
            waiting.Remove(node);
            old.Frame.Dispose();
            Interlocked.Increment(ref dropped);
            return;
        }
    }

    private void Add(Captured captured)
    {
        var free = captured.Trigger is null ? null : waiting.First;
        while (free?.Value.Trigger is not null) free = free.Next;
        if (free is null) waiting.AddLast(captured);
        else waiting.AddBefore(free, captured);
        ready.Release();
    }

    private int WaitingFree(string camera) => waiting.Count(one => one is CapturedFrame { Trigger: null } && one.Camera == camera);

    private CameraOptions Options(string camera) => cameras.TryGetValue(camera, out var options)
        ? options
        : throw new ArgumentException($"Camera '{camera}' is not one of this queue's.", nameof(camera));
}
