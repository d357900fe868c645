using Appliance.Capture;
using Appliance.Journal;

namespace Appliance.Messaging;

/// <summary>Takes triggers from any source.</summary>
internal interface ITriggerInbox
{
    /// <summary>
    /// Completes when the trigger is accepted durably, or refused. Called in the order of arrival; its part before the first await is
    /// short, and several may wait for their sync together. A known id is accepted again, with its recorded verdict where it has one.
    /// </summary>
    /// <exception cref="JournalException">It could not be made durable, and was not accepted.</exception>
    Task<TriggerAnswer> SubmitAsync(TriggerRequest request, CancellationToken cancellation);
}

/// <param name="Problem">Why it was refused, and what to do; null when accepted.</param>
/// <param name="Recorded">The verdict of this trigger id, when it came before and was judged.</param>
internal sealed record TriggerAnswer(bool Accepted, string? Problem = null, RecordedVerdict? Recorded = null);

/// <summary>A verdict as the journal has it.</summary>
internal sealed record RecordedVerdict(InspectionId Id, byte[] Json);
