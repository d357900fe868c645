using System.Text.Json;
using System.Threading.Channels;
using Appliance.Capture;
using Appliance.Journal;
using Microsoft.Extensions.Logging;
using MQTTnet;

namespace Appliance.Messaging;

/// <summary>
/// Triggers by MQTT. The broker gets its acknowledgement only after the trigger is accepted durably; one that is refused is answered on
/// <c>inspection/{station}/errors</c>, counted, and logged at most once a second. One that has its verdict gets it published again.
/// </summary>
internal sealed class MqttTriggers(ITriggerInbox inbox, Func<StationSnapshot> snapshot, Topics topics, AckTrail trail, TimeProvider time, ILogger<MqttTriggers> logger)
{
    /// <summary>Triggers whose acceptance is under way; when full the broker waits.</summary>
    private const int PendingLimit = 64;

    private readonly VerdictTopics verdictTopics = new(topics);
    private readonly RateLimit answers = new(10, TimeSpan.FromSeconds(1), time);
    private readonly RateLimit logs = new(1, TimeSpan.FromSeconds(1), time);
    private readonly TaskCompletionSource subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long accepted;
    private long refused;

    public long Accepted => Interlocked.Read(ref accepted);

    public long Refused => Interlocked.Read(ref refused);

    /// <summary>Completes when triggers are first listened for.</summary>
    public Task Subscribed => subscribed.Task;

    /// <summary>Runs until the connection fails or the cancellation.</summary>
    /// <param name="listening">Completed once triggers on this connection are heard.</param>
    public async Task RunAsync(BrokerSession session, TaskCompletionSource listening, CancellationToken cancellation)
    {
        // Bounded by the room.
        var pending = Channel.CreateUnbounded<Pending>();
        using var room = new SemaphoreSlim(PendingLimit);
        session.Received = async message =>
        {
            message.AutoAcknowledge = false;
            await room.WaitAsync(cancellation);
            var answer = Begin(message.ApplicationMessage, cancellation);
            if (!pending.Writer.TryWrite(new(message, answer))) await answer;
        };
        try
        {
            await session.SubscribeAsync(topics.Trigger, cancellation);
            listening.TrySetResult();
            subscribed.TrySetResult();
            await foreach (var (message, answer) in pending.Reader.ReadAllAsync(cancellation))
            {
                await AnswerAsync(session, await answer, cancellation);
                await session.AcknowledgeAsync(message, cancellation);
                room.Release();
            }
        }
        finally
        {
            pending.Writer.TryComplete();
            while (pending.Reader.TryRead(out var left)) await FinishAsync(left.Answer);
        }
    }

    /// <summary>Accepted or not, its sender is not answered any more; a fault of ours still is one.</summary>
    private static async Task FinishAsync(Task answer)
    {
        try
        {
            await answer;
        }
        catch (OperationCanceledException)
        {
            // The broker, without an acknowledgement, sends it again.
        }
    }

    private async Task<Outcome> Begin(MqttApplicationMessage message, CancellationToken cancellation)
    {
        if (message.Retain) return new(null, "The command was retained by the broker, so it is not of now; publish triggers without the retain flag, and clear the retained one.");
        if (!TriggerCommand.TryParse(message.Payload, out var command, out var problem)) return new(command.Id, problem);
        var id = command.Id ?? $"mqtt-{Guid.CreateVersion7():n}";
        var request = new TriggerRequest(id, command.Camera, command.Part, command.Recipe ?? snapshot().Recipe, time.GetTimestamp());
        try
        {
            var answer = await inbox.SubmitAsync(request, cancellation);
            return new(id, answer.Accepted ? null : answer.Problem ?? "The trigger was refused.", answer.Recorded);
        }
        catch (JournalException e)
        {
            return new(id, $"The trigger was not accepted, because it could not be recorded: {e.Message}");
        }
    }

    private async Task AnswerAsync(BrokerSession session, Outcome outcome, CancellationToken cancellation)
    {
        if (outcome.Problem is { } problem)
        {
            await RefuseAsync(session, outcome.Id, problem, cancellation);
            return;
        }

        Interlocked.Increment(ref accepted);
        // One that the broker does not have yet is on its way; ahead of its turn it would break the order of first sendings.
        if (outcome.Recorded is { } recorded && recorded.Id <= trail.Acknowledged)
            await session.PublishAsync(verdictTopics.Of(recorded.Json), recorded.Json, retain: false, cancellation);
    }

    private async Task RefuseAsync(BrokerSession session, string? trigger, string problem, CancellationToken cancellation)
    {
        var count = Interlocked.Increment(ref refused);
        if (logs.TryTake()) logger.TriggerRefused(problem, count);
        if (!answers.TryTake()) return;
        var id = trigger is { Length: <= TriggerCommand.TextLimit } plain && Printable.IsPlain(plain) ? plain : null;
        var error = new ErrorMessage(1, topics.Station, "trigger", id, problem, time.GetUtcNow());
        await session.PublishAsync(topics.Errors, JsonSerializer.SerializeToUtf8Bytes(error, MessagingJson.Default.ErrorMessage), retain: false, cancellation);
    }

    private readonly record struct Pending(MqttApplicationMessageReceivedEventArgs Message, Task<Outcome> Answer);

    private sealed record Outcome(string? Id, string? Problem, RecordedVerdict? Recorded = null);
}
