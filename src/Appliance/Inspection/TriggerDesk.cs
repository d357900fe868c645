using System.Text.Json;
using Appliance.Capture;
using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Messaging;
using Inference.Decisions;

namespace Appliance.Inspection;

/// <summary>
/// Takes triggers from the line. Accepted is what the journal has on disk; every accepted trigger gets one verdict by its deadline, and
/// the same id again gets that verdict again.
/// </summary>
internal sealed class TriggerDesk(ApplianceOptions options, StationJournal journal, CameraFleet cameras, OpenTriggers open, LineSwitch line, TimeProvider time) : ITriggerInbox
{
    /// <inheritdoc/>
    /// <exception cref="JournalException">It could not be made durable, and was not accepted.</exception>
    public async Task<TriggerAnswer> SubmitAsync(TriggerRequest request, CancellationToken cancellation)
    {
        while (true)
        {
            var known = journal.Triggers.TryFind(request.Id, out _);
            // Of two at once the second is what becomes of the first, and takes its place where that is refused.
            if (open.AcceptanceOf(request.Id) is { } acceptance) await acceptance.WaitAsync(cancellation);
            // What was accepted has its verdict or will get it, whatever the line does now.
            else if (known && Repeated(request) is { } answer) return answer;
            else if (!known && await TakeAsync(request, cancellation) is { } taken) return taken;
        }
    }

    /// <summary>Submits, and waits for the verdict; null with the refusal when it was refused.</summary>
    public async Task<(VerdictMessage? Verdict, Refusal? Refusal)> InspectAsync(TriggerRequest request, CancellationToken cancellation)
    {
        var answer = open.WaitFor(request.Id);
        try
        {
            var submitted = await SubmitAsync(request, cancellation);
            if (submitted.Refusal is { } refusal) return (null, refusal);
            return submitted.Recorded is { } recorded
                ? (JsonSerializer.Deserialize(recorded.Json, VerdictJson.Default.VerdictMessage), null)
                : (await answer.WaitAsync(cancellation), null);
        }
        finally
        {
            open.GiveUp(request.Id, answer);
        }
    }

    /// <inheritdoc/>
    public Task SwitchAsync(LineCommand command, CancellationToken cancellation) => line.SwitchAsync(command.Pauses, command.By!, command.Why, CancellationToken.None).WaitAsync(cancellation);

    /// <summary>From now on triggers are refused, and nobody waits for a disk that fails; those accepted are still judged.</summary>
    public void Close()
    {
        _ = open.CloseAsync();
        journal.StopWaiting();
    }

    /// <summary>Triggers that the epoch before accepted and never judged get <c>FAULT interrupted</c>, before anything new is judged.</summary>
    public void AnswerInterrupted()
    {
        foreach (var trigger in journal.Unanswered)
        {
            journal.Commit(VerdictMessage.Fault(
                options.Station, trigger.Camera, trigger.Part, trigger.Recipe, trigger.Trigger, trigger.At, 0,
                Reasons.Interrupted, "The appliance stopped between accepting this trigger and judging it."));
        }
    }

    // Null where another of the same id was quicker.
    private async Task<TriggerAnswer?> TakeAsync(TriggerRequest request, CancellationToken cancellation)
    {
        if (line.Refusal is { } paused) return new(paused);
        if (cameras.Find(request.Camera) is not { } camera) return new(Unknown(request.Camera));
        var trigger = request with { Camera = camera.Name, Due = Due(request) };
        if (!open.TryEnter(trigger, camera.TriggerLimit, out var refusal)) return refusal is null ? null : new(refusal);
        // Whoever asks may leave; what is written is accepted.
        return await AcceptAsync(trigger, camera).WaitAsync(cancellation) ? new() : null;
    }

    private async Task<bool> AcceptAsync(TriggerRequest trigger, CameraWorker camera)
    {
        var accepted = false;
        try
        {
            accepted = await journal.TryAcceptAsync(Fact(trigger), CancellationToken.None);
        }
        finally
        {
            if (accepted) open.Accept(trigger);
            else open.Leave(trigger);
        }

        if (accepted) camera.Trigger(trigger);
        return accepted;
    }

    private TriggerAccepted Fact(TriggerRequest trigger) =>
        new(trigger.Id, trigger.Camera!, trigger.Part, trigger.Recipe, (int)Deadline(trigger).TotalMilliseconds) { At = time.GetUtcNow() };

    private TimeSpan Deadline(TriggerRequest request) => request.Deadline ?? options.Inspection.Deadline;

    private long Due(TriggerRequest request)
    {
        var deadline = Deadline(request);
        return request.Timestamp + (long)((deadline - options.Inspection.MarginOf(deadline)).TotalSeconds * time.TimestampFrequency);
    }

    // Null for an id that is not known any more.
    private TriggerAnswer? Repeated(TriggerRequest request)
    {
        var trigger = request.Id;
        if (!journal.Triggers.TryFind(trigger, out var verdict)) return null;
        if (verdict is null) return open.Find(trigger) is { } first && OfAnotherPart(request, first.Part, "waits for its verdict") is { } awaited ? awaited : new();
        if (!journal.TryFindVerdict(trigger, out var id, out var json))
            return new(new Refusal(RefusalReason.Invalid, $"Trigger '{trigger}' had its verdict, {verdict}, which is kept no longer; a new inspection takes a new id."));
        var recorded = JsonSerializer.Deserialize(json, VerdictJson.Default.VerdictMessage)!;
        return OfAnotherPart(request, recorded.Part, $"has its verdict, {id}") ?? new(Recorded: new(id, json));
    }

    // The verdict of one part must never be taken for another's. Who asks again without a part means the trigger.
    private static TriggerAnswer? OfAnotherPart(TriggerRequest request, string? part, string stands) => request.Part is { } asked && asked != part
        ? new(new Refusal(RefusalReason.Invalid, $"Trigger '{request.Id}' {stands}, {(part is null ? "without a part" : $"for part '{part}'")}; it is none of part '{asked}', which was not inspected. A new inspection takes a new id."))
        : null;

    private Refusal Unknown(string? camera) => new(RefusalReason.Invalid, camera is null
        ? $"The station has several cameras: the trigger must name one of {cameras.Names}."
        : $"There is no camera '{camera}'; the station has {cameras.Names}.");
}
