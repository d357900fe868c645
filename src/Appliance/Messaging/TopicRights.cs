using Microsoft.Extensions.Logging;

namespace Appliance.Messaging;

/// <summary>A topic that the broker forbids to this station.</summary>
/// <param name="Detail">What is missed, why, and what to do, for people.</param>
internal sealed record RefusedTopic(string Topic, string Detail);

/// <summary>
/// Which topics beside the verdicts' the broker forbids. Verdicts go on without them: each is said in the status and logged once, left alone, over
/// connections too, and tried again after a while. Brokers also end the connection over a forbidden topic, with a reason, without one, or before their
/// answer is read (mosquitto 2.0.11). So what was under way when a connection ended is suspect: the next connection has to stand for a moment, then
/// that is done alone, and acquitted or blamed. A network that breaks is not taken for a refusal. Any thread.
/// </summary>
internal sealed class TopicRights(Topics topics, MessagingSettings settings, TimeProvider time, ILogger<TopicRights> logger) : IDisposable
{
    private static readonly TimeSpan Stand = TimeSpan.FromSeconds(1);

    /// <summary>So many connections in a row that ended over a topic, all but the first after having stood, are its refusal.</summary>
    private const int EndLimit = 3;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (RefusedTopic What, long At)> refused = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> underWay = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim alone = new(1, 1);
    private Dictionary<string, int> suspects = new(StringComparer.Ordinal);

    /// <summary>How long a refusal holds.</summary>
    public static TimeSpan AskAgain { get; } = TimeSpan.FromMinutes(10);

    /// <summary>A topic was refused, or is allowed again. Told on the thread that found out.</summary>
    public event Action? Changed;

    public IReadOnlyList<RefusedTopic> Refused
    {
        get { lock (gate) return [.. refused.Values.Select(r => r.What).OrderBy(r => r.Topic, StringComparer.Ordinal)]; }
    }

    /// <summary>True where the connection before ended over it, maybe: <see cref="TryAsync"/> takes its time.</summary>
    public bool IsSuspect(string topic)
    {
        lock (gate) return suspects.ContainsKey(topic);
    }

    /// <summary>Does what needs the right to a topic. False where the broker forbids it, by its answer or before.</summary>
    /// <exception cref="BrokerLostException">The connection failed.</exception>
    public async Task<bool> TryAsync(BrokerSession session, string topic, Func<Task> act, CancellationToken cancellation)
    {
        if (IsHeld(topic)) return false;
        if (!IsSuspect(topic)) return await LearnAsync(session, topic, act);
        await alone.WaitAsync(cancellation);
        try
        {
            if (IsBlamed(topic))
            {
                Refuse(topic, $"The connection ended {EndLimit} times over it.");
                return false;
            }

            await Task.Delay(Stand, time, cancellation);
            return await LearnAsync(session, topic, act);
        }
        finally
        {
            alone.Release();
        }
    }

    /// <summary>The connection ended, and nobody uses it any more.</summary>
    public void ConnectionEnded()
    {
        lock (gate)
        {
            suspects = underWay.Keys.ToDictionary(topic => topic, topic => suspects.GetValueOrDefault(topic) + 1, StringComparer.Ordinal);
            underWay.Clear();
        }
    }

    public void Dispose() => alone.Dispose();

    private async Task<bool> LearnAsync(BrokerSession session, string topic, Func<Task> act)
    {
        lock (gate) underWay[topic] = underWay.GetValueOrDefault(topic) + 1;
        try
        {
            await act();
        }
        catch (BrokerLostException e) when (e.IsForbidden)
        {
            Answered(topic);
            Refuse(topic, e.Message);
            return false;
        }
        catch (BrokerLostException e) when (e.IsTimeout || e.IsRefusal)
        {
            Answered(topic);
            throw;
        }
        catch (Exception e) when (e is OperationCanceledException or BrokerLostException)
        {
            if (IsAlone && await session.EndAsync() is { IsForbidden: true } end) Refuse(topic, end.Message);
            throw;
        }

        Answered(topic);
        Allow(topic);
        return true;
    }

    private void Allow(string topic)
    {
        lock (gate)
            if (!refused.Remove(topic)) return;
        logger.TopicAllowed(topic);
        Changed?.Invoke();
    }

    private void Refuse(string topic, string problem)
    {
        var what = new RefusedTopic(topic, $"{problem} {Missed(topic)} Let {settings.Mqtt.Who} {Right(topic)} {topic}.");
        bool news;
        lock (gate)
        {
            news = !refused.ContainsKey(topic);
            refused[topic] = (what, time.GetTimestamp());
        }

        if (!news) return;
        logger.TopicRefused(topic, what.Detail);
        Changed?.Invoke();
    }

    private bool IsHeld(string topic)
    {
        lock (gate) return refused.TryGetValue(topic, out var was) && time.GetElapsedTime(was.At) < AskAgain;
    }

    private bool IsAlone
    {
        get { lock (gate) return underWay.Count == 1; }
    }

    private bool IsBlamed(string topic)
    {
        lock (gate) return suspects.GetValueOrDefault(topic) >= EndLimit && suspects.Remove(topic);
    }

    private void Answered(string topic)
    {
        lock (gate)
        {
            suspects.Remove(topic);
            if (--underWay[topic] == 0) underWay.Remove(topic);
        }
    }

    private string Right(string topic) => topic == topics.Loop ? "read and write" : topic == topics.Trigger || topic == topics.Command ? "read" : "write";

    private string Missed(string topic) => topic switch
    {
        _ when topic == topics.Loop => "A broker that acknowledges and does not deliver is not found out.",
        _ when topic == topics.Trigger => "Triggers are taken over HTTP only.",
        _ when topic == topics.Command => "The line is paused and resumed over HTTP only.",
        _ when topic == topics.Errors => "Refused triggers and commands are counted and logged, and their senders not told.",
        _ when topic == topics.Undelivered => "Readers are not told which verdicts will not come; 'appliance journal show' has what the journal still has.",
        _ when topic == topics.Epoch => "Readers are not told of a new epoch.",
        _ => "Readers do not get it.",
    };
}
