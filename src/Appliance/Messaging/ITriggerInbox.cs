using Appliance.Capture;

namespace Appliance.Messaging;

/// <summary>Takes triggers from any source.</summary>
internal interface ITriggerInbox
{
    /// <summary>
    /// Completes when the trigger is accepted durably, or refused. Called in the order of arrival; its part before the first await is
    /// short, and several may wait for their sync together. A known id is accepted again (its recorded verdict holds).
    /// </summary>
    Task<TriggerAnswer> SubmitAsync(TriggerRequest request, CancellationToken cancellation);
}

/// <param name="Problem">Why it was refused, and what to do; null when accepted.</param>
internal sealed record TriggerAnswer(bool Accepted, string? Problem = null);
