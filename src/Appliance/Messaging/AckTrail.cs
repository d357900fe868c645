using Appliance.Journal;

namespace Appliance.Messaging;

/// <summary>
/// What the broker has acknowledged, and from where on to send again after a connection was lost. Written by the publisher's
/// acknowledgement loop, read by any thread.
/// </summary>
internal sealed class AckTrail(OutboxPosition? known, TimeSpan span, int limit, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Queue<(InspectionId Id, long At)> recent = new();
    private InspectionId acknowledged = known?.Acknowledged ?? default;
    private InspectionId resendFrom = known?.ResendFrom ?? default;
    private long? stoppedAt;

    /// <summary>False where a start did not know what was delivered before it.</summary>
    public bool IsKnown { get; } = known is not null;

    /// <summary>The last one that the broker has acknowledged, with all before it.</summary>
    public InspectionId Acknowledged
    {
        get { lock (gate) return acknowledged; }
    }

    /// <summary>Acknowledged longer ago than the span, or outside the limit: the next connection starts after it.</summary>
    public InspectionId ResendFrom
    {
        get
        {
            lock (gate)
            {
                Forget();
                return resendFrom;
            }
        }
    }

    /// <summary>Both positions at one moment.</summary>
    public OutboxPosition Position
    {
        get
        {
            lock (gate)
            {
                Forget();
                return new(acknowledged, resendFrom);
            }
        }
    }

    /// <summary>The next one in order was acknowledged; one that was sent again counts from now.</summary>
    public void Add(InspectionId id)
    {
        lock (gate)
        {
            recent.Enqueue((id, time.GetTimestamp()));
            if (id > acknowledged) acknowledged = id;
            Forget();
        }
    }

    /// <summary>The connection ended. While there is none nothing grows old: however long it takes, what the broker may have lost is sent again.</summary>
    public void Stop()
    {
        lock (gate) stoppedAt ??= time.GetTimestamp();
    }

    /// <summary>A new connection goes on after the position that is returned; what was sent from there on is acknowledged anew.</summary>
    public InspectionId Rewind()
    {
        lock (gate)
        {
            Forget();
            recent.Clear();
            stoppedAt = null;
            return resendFrom;
        }
    }

    private void Forget()
    {
        var now = stoppedAt ?? time.GetTimestamp();
        while (recent.TryPeek(out var oldest) && (recent.Count > limit || time.GetElapsedTime(oldest.At, now) >= span)) resendFrom = recent.Dequeue().Id;
    }
}

/// <summary>Acknowledged position, and the position after which to send again.</summary>
internal readonly record struct OutboxPosition(InspectionId Acknowledged, InspectionId ResendFrom);
