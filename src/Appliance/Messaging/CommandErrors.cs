using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Appliance.Messaging;

/// <summary>
/// Answers commands that are refused on <c>inspection/{station}/errors</c>: five a second one by one, the others together, named by their ids, five
/// times a second. Counts all, logs one a second. <see cref="RefuseAsync"/> and <see cref="RunAsync"/> may run beside each other, each once.
/// </summary>
internal sealed class CommandErrors(Topics topics, TopicRights rights, TimeProvider time, ILogger<CommandErrors> logger) : IDisposable
{
    /// <summary>Ids that one message names.</summary>
    public const int IdLimit = 4000;

    /// <summary>Bytes of these ids, as they are written: with it every message fits the packets of usual brokers.</summary>
    public const int IdBytesLimit = 128 << 10;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TogetherPeriod = TimeSpan.FromMilliseconds(200);
    private readonly RateLimit singles = new(5, Second, time);
    private readonly RateLimit logs = new(1, Second, time);
    private readonly Lock gate = new();
    private readonly SemaphoreSlim more = new(0);
    private readonly List<string> ids = [];
    private (string About, Refusal Refusal)? last;
    private int idBytes;
    private long together;
    private long refused;

    public long Refused => Interlocked.Read(ref refused);

    /// <summary>Answers at once, or takes it for the message that answers several.</summary>
    /// <param name="id">Of the trigger, where it could be read.</param>
    public async Task RefuseAsync(BrokerSession session, string about, string? id, Refusal refusal, CancellationToken cancellation)
    {
        var count = Interlocked.Increment(ref refused);
        if (logs.TryTake()) logger.CommandRefused(about, refusal.Problem, count);
        var known = id is { Length: > 0 and <= TriggerCommand.TextLimit } && Printable.IsPlain(id) ? id : null;
        if (singles.TryTake()) await PublishAsync(session, new(1, topics.Station, about, known, null, 1, Name(refusal.Reason), refusal.Problem, time.GetUtcNow()), cancellation);
        else Add(about, known, refusal);
    }

    /// <summary>Sends what was not answered one by one. Until the connection fails or the cancellation.</summary>
    public async Task RunAsync(BrokerSession session, CancellationToken cancellation)
    {
        while (true)
        {
            await SendTogetherAsync(session, cancellation);
            await more.WaitAsync(cancellation);
            await Task.Delay(TogetherPeriod, time, cancellation);
        }
    }

    public void Dispose() => more.Dispose();

    private void Add(string about, string? id, Refusal refusal)
    {
        lock (gate)
        {
            last = (about, refusal);
            if (id is not null) Name(id);
            if (together++ == 0) more.Release();
        }
    }

    private async Task SendTogetherAsync(BrokerSession session, CancellationToken cancellation)
    {
        ErrorMessage message;
        lock (gate)
        {
            if (last is not { } one) return;
            message = new(1, topics.Station, one.About, null, [.. ids], together, Name(one.Refusal.Reason), one.Refusal.Problem, time.GetUtcNow());
        }

        try
        {
            await PublishAsync(session, message, cancellation);
        }
        catch (BrokerLostException e) when (e.IsRefusal)
        {
            // Kept, it would end every connection anew.
            Forget(message);
            throw;
        }

        // Only now: a connection that broke has told nobody.
        Forget(message);
    }

    private void Name(string id)
    {
        var bytes = JsonEncodedText.Encode(id).EncodedUtf8Bytes.Length;
        if (ids.Count >= IdLimit || idBytes + bytes > IdBytesLimit) return;
        ids.Add(id);
        idBytes += bytes;
    }

    private void Forget(ErrorMessage message)
    {
        lock (gate)
        {
            foreach (var id in message.Ids!) idBytes -= JsonEncodedText.Encode(id).EncodedUtf8Bytes.Length;
            ids.RemoveRange(0, message.Ids.Count);
            together -= message.Count;
            if (together == 0) last = null;
            else more.Release();
        }
    }

    private Task<bool> PublishAsync(BrokerSession session, ErrorMessage message, CancellationToken cancellation) =>
        rights.TryAsync(session, topics.Errors, () => session.PublishAsync(topics.Errors, JsonSerializer.SerializeToUtf8Bytes(message, MessagingJson.Default.ErrorMessage), retain: false, cancellation), cancellation);

    private static string Name(RefusalReason reason) => reason.ToString().ToLowerInvariant();
}
