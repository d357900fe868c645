namespace Appliance.Web.Idempotency;

/// <summary>An answer as it was given.</summary>
internal sealed record RecordedAnswer(int Status, string? ContentType, byte[] Body);

/// <summary>What becomes of a request with an idempotency key.</summary>
internal enum Standing
{
    /// <summary>It is to be done now, and then <see cref="RecordedAnswers.Keep"/> or <see cref="RecordedAnswers.Forget"/>.</summary>
    New,

    /// <summary>It was done; the answer is there.</summary>
    Done,

    /// <summary>It is being done.</summary>
    InFlight,

    /// <summary>The key was used for another request.</summary>
    Other,

    /// <summary>So many are being done that no other is taken.</summary>
    Full,
}

/// <summary>The answers of the last day by idempotency key, in memory: at most 10,000, of 32 MiB together; the oldest go first. Any thread.</summary>
internal sealed class RecordedAnswers(TimeProvider time, int limit = 10_000, long limitBytes = 32L << 20)
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> oldestFirst = [];
    private long bytes;

    /// <param name="request">What tells one request from another: method, path and body.</param>
    public (Standing Standing, RecordedAnswer? Answer) Begin(string key, string request)
    {
        lock (gate)
        {
            while (oldestFirst.First is { } oldest && time.GetElapsedTime(oldest.Value.Begun) >= Life) Drop(oldest);
            if (byKey.TryGetValue(key, out var known))
            {
                if (known.Value.Request != request) return (Standing.Other, null);
                return known.Value.Answer is { } answer ? (Standing.Done, answer) : (Standing.InFlight, null);
            }

            if (byKey.Count >= limit && !DropOldestDone()) return (Standing.Full, null);
            byKey[key] = oldestFirst.AddLast(new Entry(key, request, time.GetTimestamp()));
            return (Standing.New, null);
        }
    }

    /// <summary>It was done, and this was answered.</summary>
    public void Keep(string key, RecordedAnswer answer)
    {
        lock (gate)
        {
            if (!byKey.TryGetValue(key, out var entry)) return;
            entry.Value.Answer = answer;
            bytes += answer.Body.Length;
            while (bytes > limitBytes && DropOldestDone()) continue;
        }
    }

    /// <summary>Nothing was done: the next one with this key is tried anew.</summary>
    public void Forget(string key)
    {
        lock (gate)
            if (byKey.TryGetValue(key, out var entry)) Drop(entry);
    }

    private bool DropOldestDone()
    {
        for (var node = oldestFirst.First; node is not null; node = node.Next)
        {
            if (node.Value.Answer is null) continue;
            Drop(node);
            return true;
        }

        return false;
    }

    private void Drop(LinkedListNode<Entry> node)
    {
        oldestFirst.Remove(node);
        byKey.Remove(node.Value.Key);
        bytes -= node.Value.Answer?.Body.Length ?? 0;
    }

    private sealed record Entry(string Key, string Request, long Begun)
    {
        public RecordedAnswer? Answer { get; set; }
    }
}
