using Appliance.Capture;
using Appliance.Journal;

namespace Appliance.Messaging;

/// <summary>Takes triggers and commands from any source.</summary>
internal interface ITriggerInbox
{
    /// <summary>
    /// Completes when the trigger is accepted durably, or refused. Called in the order of arrival; its part before the first await is
    /// short, and several may wait for their sync together. A known id is accepted again, with its recorded verdict where it has one.
    /// </summary>
    /// <exception cref="JournalException">It could not be made durable, and was not accepted.</exception>
    Task<TriggerAnswer> SubmitAsync(TriggerRequest request, CancellationToken cancellation);

    /// <summary>Completes once the line is paused, or goes on, and that is durable.</summary>
    /// <param name="command">Checked.</param>
    /// <exception cref="JournalException">It could not be made durable, and nothing changed.</exception>
    Task SwitchAsync(LineCommand command, CancellationToken cancellation);
}

/// <param name="Refusal">Null when accepted.</param>
/// <param name="Recorded">The verdict of this trigger id, when it came before and was judged.</param>
internal sealed record TriggerAnswer(Refusal? Refusal = null, RecordedVerdict? Recorded = null);

/// <summary>Why a command was not obeyed.</summary>
/// <param name="Problem">What is wrong and what to do.</param>
internal sealed record Refusal(RefusalReason Reason, string Problem);

/// <summary>Kinds of refusals; lower-case in messages.</summary>
internal enum RefusalReason
{
    /// <summary>The command itself is wrong: sent again, it is refused again.</summary>
    Invalid,

    /// <summary>The line is paused.</summary>
    Paused,

    /// <summary>Too many wait.</summary>
    Overload,

    /// <summary>The station stops.</summary>
    Stopping,

    /// <summary>It could not be recorded.</summary>
    Journal,
}

/// <summary>A verdict as the journal has it.</summary>
internal sealed record RecordedVerdict(InspectionId Id, byte[] Json);
