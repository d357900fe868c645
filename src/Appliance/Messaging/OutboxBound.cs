using System.Globalization;
using Appliance.Journal;
using Microsoft.Extensions.Logging;

namespace Appliance.Messaging;

/// <summary>
/// Gives up the oldest verdicts of a backlog beyond <see cref="MqttOptions.OutboxLimit"/>, a tenth of the limit at least in one step, and those that
/// are gone from the journal. The fact is durable before anything is passed over, so that none is ever missing without a record. One caller at a time.
/// </summary>
internal sealed class OutboxBound(StationJournal journal, AckTrail trail, EpochHistory epochs, Gaps gaps, MessagingSettings settings, TimeProvider time, ILogger<OutboxBound> logger)
{
    // What a failing disk has not answered may still become durable: it goes first.
    private Task? recording;

    /// <summary>Where it is not known what was delivered, goes back by <see cref="MqttOptions.ResendLimit"/>, and names what lies before. Where that cannot be recorded all are sent again.</summary>
    public async Task StartAnewAsync()
    {
        try
        {
            await GiveUpAsync(default, epochs.Back(journal.LastCommitted, settings.Mqtt.ResendLimit), "unknown");
        }
        catch (JournalException e)
        {
            logger.GapNotRecorded(e.Message);
        }
    }

    /// <summary>Looks whether what waits after a verdict that was sent is too much, and records a gap if so.</summary>
    public async Task EnforceAsync(InspectionId sent)
    {
        var (limit, last) = (settings.Mqtt.OutboxLimit, journal.LastCommitted);
        var after = Later(sent, trail.Acknowledged);
        if (epochs.CountBetween(after, last) - gaps.CountAfter(after) <= limit) return;
        var to = epochs.Back(last, limit - (limit / 10));
        try
        {
            await GiveUpAsync(after, gaps.Of(to)?.To ?? to, "limit");
        }
        catch (JournalException e)
        {
            logger.GapNotRecorded(e.Message);
        }
    }

    /// <summary>Records what the journal does not have any more between the verdict that was read last and the next one.</summary>
    /// <exception cref="BrokerLostException">It could not be recorded, and must not be passed over.</exception>
    public async Task CheckAsync(InspectionId read, InspectionId next)
    {
        var after = Later(read, trail.Acknowledged);
        if (epochs.CountBetween(after, next) <= 1 || gaps.Between(after, next)?.From == epochs.After(after)) return;
        try
        {
            await GiveUpAsync(after, epochs.Back(next, 1), "deleted");
        }
        catch (JournalException e)
        {
            throw new BrokerLostException($"Verdicts after {after} are gone from the journal, and that cannot be recorded: {e.Message}", e);
        }
    }

    private async Task GiveUpAsync(InspectionId after, InspectionId to, string why)
    {
        if (to <= after) return;
        if (recording is not null) await RecordedAsync();
        // That was it, or a part: what is left is looked for again.
        if (gaps.Of(epochs.After(after)) is not null) return;
        recording = RecordAsync(new(epochs.After(after).ToString(), to.ToString(), epochs.CountBetween(after, to), why) { At = time.GetUtcNow() });
        await RecordedAsync();
    }

    /// <exception cref="JournalException">It is not durable, or not yet: a disk that does not answer must not keep the outbox from what it can still do.</exception>
    private async Task RecordedAsync()
    {
        try
        {
            await recording!.WaitAsync(settings.Mqtt.PublishTimeout, time);
        }
        catch (TimeoutException e)
        {
            throw new JournalException($"The disk has not confirmed it within {settings.Mqtt.PublishTimeout.TotalSeconds:0.###} s.", e) { IsUnknown = true };
        }
        finally
        {
            if (recording!.IsCompleted) recording = null;
        }
    }

    private async Task RecordAsync(VerdictsNotDelivered fact)
    {
        await journal.AppendDurableAsync(fact, CancellationToken.None);
        gaps.Add(fact);
        var count = fact.Count.ToString(CultureInfo.InvariantCulture);
        if (fact.Why == "unknown") logger.DeliveryUnknown(count, fact.From, fact.To);
        else logger.GivenUp(count, fact.From, fact.To, fact.Why);
    }

    private static InspectionId Later(InspectionId one, InspectionId other) => one > other ? one : other;
}
