using System.Globalization;
using Appliance.Journal;
using Microsoft.Extensions.Logging;

namespace Appliance.Messaging;

/// <summary>
/// Gives up the oldest verdicts of a backlog beyond <see cref="MqttOptions.OutboxLimit"/>, a tenth of the limit at least in one step, and those that
/// are gone from the journal. The fact is durable before anything is passed over, so that none is ever missing without a record.
/// </summary>
internal sealed class OutboxBound(StationJournal journal, AckTrail trail, EpochHistory epochs, Gaps gaps, MessagingSettings settings, TimeProvider time, ILogger<OutboxBound> logger)
{
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
        if (epochs.CountBetween(after, next) <= 1) return;
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
        var fact = new VerdictsNotDelivered(epochs.After(after).ToString(), to.ToString(), epochs.CountBetween(after, to), why) { At = time.GetUtcNow() };
        // Not given up half-way: one that is in the journal is passed over after the next start.
        await journal.AppendDurableAsync(fact, CancellationToken.None);
        gaps.Add(fact);
        logger.GivenUp(fact.Count.ToString(CultureInfo.InvariantCulture), fact.From, fact.To, why);
    }

    private static InspectionId Later(InspectionId one, InspectionId other) => one > other ? one : other;
}
