using System.Threading.Channels;
using Appliance.Capture;
using Appliance.Journal;
using MQTTnet;

namespace Appliance.Messaging;

/// <summary>
/// Triggers and commands by MQTT. The broker gets its acknowledgement only after the trigger is accepted durably, or refused by
/// <see cref="CommandErrors"/>. One that has its verdict gets it published again.
/// </summary>
internal sealed class MqttTriggers(ITriggerInbox inbox, Func<StationSnapshot> snapshot, Topics topics, TopicRights rights, AckTrail trail, CommandErrors errors, TimeProvider time)
{
    /// <summary>Triggers whose acceptance is under way; when full the broker waits.</summary>
    private const int PendingLimit = 64;

    private readonly VerdictTopics verdictTopics = new(topics);
    private readonly TaskCompletionSource subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long accepted;

    public long Accepted => Interlocked.Read(ref accepted);

    public long Refused => errors.Refused;

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
            var unheard = await HearAsync(session, [topics.Trigger, topics.Command], cancellation);
            listening.TrySetResult();
            subscribed.TrySetResult();
            await TaskGroup.RunAsync([c => AnswerAsync(session, pending.Reader, room, c), c => errors.RunAsync(session, c), c => HearRestAsync(session, unheard, c)], cancellation);
        }
        finally
        {
            pending.Writer.TryComplete();
            while (pending.Reader.TryRead(out var left)) await FinishAsync(left.Answer);
        }
    }

    /// <summary>Returns the topics that the broker forbids.</summary>
    private async Task<IReadOnlyList<string>> HearAsync(BrokerSession session, IReadOnlyList<string> wanted, CancellationToken cancellation)
    {
        var forbidden = new List<string>();
        foreach (var topic in wanted)
            if (!await rights.TryAsync(session, topic, () => session.SubscribeAsync(topic, cancellation), cancellation)) forbidden.Add(topic);
        return forbidden;
    }

    private async Task HearRestAsync(BrokerSession session, IReadOnlyList<string> unheard, CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(TopicRights.AskAgain, time, cancellation);
            unheard = await HearAsync(session, unheard, cancellation);
        }
    }

    /// <summary>Accepted or not, its sender is not answered any more; a fault of ours still is one.</summary>
    private static async Task FinishAsync(Task answer)
    {
        try
        {
            await answer;
        }
        catch (Exception e) when (e is OperationCanceledException or JournalException { IsUnknown: true })
        {
            // The broker, without an acknowledgement, sends it again.
        }
    }

    private async Task<Outcome> Begin(MqttApplicationMessage message, CancellationToken cancellation)
    {
        var commands = message.Topic == topics.Command;
        // Nothing, retained, is how a retained one is cleared.
        if (message.Retain && message.Payload.IsEmpty) return Nothing;
        if (message.Retain)
            return Invalid(null, "The command is retained, so the broker gives it again when it is not of now; publish without the retain flag, and clear the retained one.") with { About = commands ? "command" : "trigger" };
        try
        {
            return await (commands ? SwitchAsync(message, cancellation) : SubmitAsync(message, cancellation));
        }
        catch (JournalException e) when (!e.IsUnknown)
        {
            return new(null, new(new Refusal(RefusalReason.Journal, $"Nothing was changed, because it could not be recorded: {e.Message}"))) { About = commands ? "command" : "trigger" };
        }
    }

    private async Task<Outcome> SwitchAsync(MqttApplicationMessage message, CancellationToken cancellation)
    {
        if (!LineCommand.TryParse(message.Payload, out var command, out var problem)) return Invalid(null, problem) with { About = "command" };
        await inbox.SwitchAsync(command, cancellation);
        return Nothing;
    }

    private async Task<Outcome> SubmitAsync(MqttApplicationMessage message, CancellationToken cancellation)
    {
        var arrived = time.GetTimestamp();
        if (!TriggerCommand.TryParse(message.Payload, out var command, out var problem)) return Invalid(command.Id, problem);
        var id = command.Id ?? $"mqtt-{Guid.CreateVersion7():n}";
        var request = new TriggerRequest(id, command.Camera, command.Part, command.Recipe ?? snapshot().Recipe, arrived) { Deadline = command.Deadline };
        try
        {
            return new(id, await inbox.SubmitAsync(request, cancellation));
        }
        catch (JournalException e) when (!e.IsUnknown)
        {
            return new(id, new(new Refusal(RefusalReason.Journal, $"The trigger was not accepted, because it could not be recorded: {e.Message}")));
        }
    }

    /// <summary>Nothing to answer.</summary>
    private static Outcome Nothing => new(null, new()) { About = "command" };

    private static Outcome Invalid(string? id, string problem) => new(id, new(new Refusal(RefusalReason.Invalid, problem)));

    private async Task AnswerAsync(BrokerSession session, ChannelReader<Pending> pending, SemaphoreSlim room, CancellationToken cancellation)
    {
        await foreach (var (message, answer) in pending.ReadAllAsync(cancellation))
        {
            if (await OutcomeAsync(answer) is { } outcome)
            {
                await AnswerAsync(session, outcome, cancellation);
                await session.AcknowledgeAsync(message, cancellation);
            }

            room.Release();
        }
    }

    /// <summary>Null where the station stops and nobody knows: without an acknowledgement the broker sends it again.</summary>
    private static async Task<Outcome?> OutcomeAsync(Task<Outcome> answer)
    {
        try
        {
            return await answer;
        }
        catch (JournalException e) when (e.IsUnknown)
        {
            return null;
        }
    }

    private async Task AnswerAsync(BrokerSession session, Outcome outcome, CancellationToken cancellation)
    {
        if (outcome.Answer.Refusal is { } refusal)
        {
            await errors.RefuseAsync(session, outcome.About, outcome.Id, refusal, cancellation);
            return;
        }

        if (outcome.About == "trigger") Interlocked.Increment(ref accepted);
        // One that the broker does not have yet is on its way; ahead of its turn it would break the order of first sendings.
        if (outcome.Answer.Recorded is { } recorded && recorded.Id <= trail.Acknowledged)
            await session.PublishAsync(verdictTopics.Of(recorded.Json), recorded.Json, retain: false, cancellation);
    }

    private readonly record struct Pending(MqttApplicationMessageReceivedEventArgs Message, Task<Outcome> Answer);

    private sealed record Outcome(string? Id, TriggerAnswer Answer)
    {
        public string About { get; init; } = "trigger";
    }
}
