using Appliance.Capture;
using Appliance.Disk;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Models;
using Appliance.Samples;

namespace Appliance.Health;

/// <summary>One part of the station.</summary>
/// <param name="Reason">Why it is not well, for people; null where it is.</param>
internal sealed record PartHealth(bool Ok, string? Reason);

/// <summary>Whether parts can be judged and their verdicts reach the line.</summary>
/// <param name="Ready">All parts but the index are well.</param>
/// <param name="Index">Over samples and models; judging does without it, labels and training do not.</param>
internal sealed record ReadinessView(bool Ready, PartHealth Camera, PartHealth Pipeline, PartHealth Broker, PartHealth Disk, PartHealth Model, PartHealth Index);

/// <summary>Looks at what judging a part needs, part by part. Anybody may ask, so it names nobody. Cheap; any thread.</summary>
internal sealed class Readiness(CameraFleet cameras, PipelineProgress progress, LineSwitch line, OutboxState outbox, StationJournal journal, DiskSpace disk, LiveModel live, SampleIndex index)
{
    public ReadinessView Look()
    {
        var (camera, pipeline, broker) = (Part(Cameras()), Part(Pipeline()), Part(Broker()));
        var (room, model) = (Part(journal.Trouble ?? disk.Shortage), Part(live.Current is null ? "There is no live model yet: every part is UNSURE until samples are labelled and a head is trained." : null));
        return new(camera.Ok && pipeline.Ok && broker.Ok && room.Ok && model.Ok, camera, pipeline, broker, room, model, Part(Index()));
    }

    private static PartHealth Part(string? reason) => new(reason is null, reason);

    private string? Cameras()
    {
        var troubles = cameras.States.Where(c => c.Phase != CameraPhase.Running).Select(Say).ToList();
        return troubles.Count == 0 ? null : string.Join(' ', troubles);
    }

    private static string Say(CameraState camera) => camera.Phase switch
    {
        CameraPhase.Opening => $"Camera {camera.Name} is being opened.",
        CameraPhase.Ended => $"Camera {camera.Name} has no more pictures.",
        CameraPhase.Stopped => $"Camera {camera.Name} is stopped.",
        _ => $"Camera {camera.Name} does not deliver: {camera.LastError}",
    };

    private string? Pipeline() => progress.Stuck(PipelineProgress.UsualLimit) is { } stuck ? $"{stuck} stands still."
        : line.IsPaused ? "The line is paused; 'appliance status' says by whom."
        : null;

    private string? Index() => index.Trouble is { } trouble ? $"The index is made anew from the journal: {trouble}. Until then labels, training and retention wait." : null;

    private string? Broker() => outbox.IsConnected ? null : outbox.LastError ?? "The broker is not connected yet.";
}
