using Inference.Decisions;

namespace Appliance.Capture;

/// <summary>
/// Between the cameras and the one thread that judges, first in, first out. A camera in free run has a few places and loses
/// its oldest picture; what was triggered keeps its place, and above the limit is answered FAULT instead of being dropped.
/// </summary>
internal sealed class InspectionQueue : IFrameSink, IDisposable
{
    private readonly Lock gate = new();
    private readonly LinkedList<Captured> waiting = new();
    private readonly SemaphoreSlim ready = new(0);
    private readonly Dictionary<string, CameraOptions> cameras;
    private readonly TimeProvider time;
    private bool completed;
    private long dropped;
    private long overloads;

    public InspectionQueue(IEnumerable<CameraOptions> cameras, TimeProvider time)
    {
        this.cameras = cameras.ToDictionary(c => c.Name, StringComparer.Ordinal);
        this.time = time;
    }

    /// <summary>Things waiting now.</summary>
    public int Count
    {
        get { lock (gate) return waiting.Count; }
    }

    /// <summary>Pictures of free run that were pushed out by younger ones, or came after <see cref="Complete"/>.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <summary>Triggered pictures that became faults because too many waited, or because the line had stopped.</summary>
    public long Overloads => Interlocked.Read(ref overloads);

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
        if (!completed && Waiting(captured.Camera, triggered: true) < Options(captured.Camera).TriggerQueueLength)
        {
            trigger.Progress.Stage = TriggerStage.Queued;
            Add(captured);
            return;
        }

        captured.Frame.Dispose();
        Interlocked.Increment(ref overloads);
        var detail = completed ? "The station is stopping." : "Too many triggered pictures wait for judgement.";
        Add(new CapturedFault(captured.Camera, trigger, completed ? Reasons.Interrupted : Reasons.Overload, detail, time.GetTimestamp(), time.GetUtcNow()));
    }

    private int OfferFree(CapturedFrame captured)
    {
        if (completed)
        {
            captured.Frame.Dispose();
            Interlocked.Increment(ref dropped);
            return 1;
        }

        var pushedOut = Waiting(captured.Camera, triggered: false) >= Options(captured.Camera).QueueLength;
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
        waiting.AddLast(captured);
        ready.Release();
    }

    private int Waiting(string camera, bool triggered)
    {
        var count = 0;
        foreach (var one in waiting)
            if (one is CapturedFrame && one.Trigger is not null == triggered && one.Camera == camera) count++;
        return count;
    }

    private CameraOptions Options(string camera) => cameras.TryGetValue(camera, out var options)
        ? options
        : throw new ArgumentException($"Camera '{camera}' is not one of this queue's.", nameof(camera));
}
