using System.Text.Json;
using Appliance.Capture;
using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Messaging;
using Inference.Decisions;

namespace Appliance.Inspection;

/// <summary>
/// Takes triggers from the line. Accepted is what the journal has on disk; every accepted trigger gets one verdict, and the
/// same id again gets that verdict again.
/// </summary>
internal sealed class TriggerDesk(ApplianceOptions options, StationJournal journal, CameraFleet cameras, TimeProvider time) : ITriggerInbox
{
    // Several may wait for one trigger; the last that gives up takes the entry away.
    private readonly Dictionary<string, Waiting> waiting = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <inheritdoc/>
    /// <exception cref="JournalException">It could not be made durable, and was not accepted.</exception>
    public async Task<TriggerAnswer> SubmitAsync(TriggerRequest request, CancellationToken cancellation)
    {
        if (cameras.Find(request.Camera) is not { } camera)
        {
            return new(false, request.Camera is null
                ? $"The station has several cameras: the trigger must name one of {cameras.Names}."
                : $"There is no camera '{request.Camera}'; the station has {cameras.Names}.");
        }

        var fact = new TriggerAccepted(request.Id, camera.Name, request.Part, request.Recipe) { At = time.GetUtcNow() };
        if (!await journal.TryAcceptAsync(fact, CancellationToken.None)) return new(true, Recorded: journal.TryFindVerdict(request.Id, out var id, out var json) ? new(id, json) : null);
        camera.Trigger(request with { Camera = camera.Name });
        return new(true);
    }

    /// <summary>Submits, and waits for the verdict; null with the problem when it was refused.</summary>
    public async Task<(VerdictMessage? Verdict, string? Problem)> InspectAsync(TriggerRequest request, CancellationToken cancellation)
    {
        var answer = Wait(request.Id);
        try
        {
            var submitted = await SubmitAsync(request, cancellation);
            if (!submitted.Accepted) return (null, submitted.Problem);
            return submitted.Recorded is { } recorded
                ? (JsonSerializer.Deserialize(recorded.Json, VerdictJson.Default.VerdictMessage), null)
                : (await answer.Verdict.Task.WaitAsync(cancellation), null);
        }
        finally
        {
            GiveUp(request.Id, answer);
        }
    }

    /// <summary>The verdict of a trigger is committed.</summary>
    public void Answer(string trigger, VerdictMessage verdict)
    {
        Waiting? answer;
        lock (gate) waiting.Remove(trigger, out answer);
        answer?.Verdict.TrySetResult(verdict);
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

    private Waiting Wait(string trigger)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(trigger, out var answer)) waiting[trigger] = answer = new();
            answer.Waiters++;
            return answer;
        }
    }

    private void GiveUp(string trigger, Waiting answer)
    {
        lock (gate)
            if (--answer.Waiters == 0 && waiting.GetValueOrDefault(trigger) == answer) waiting.Remove(trigger);
    }

    private sealed class Waiting
    {
        public TaskCompletionSource<VerdictMessage> Verdict { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Waiters { get; set; }
    }
}
