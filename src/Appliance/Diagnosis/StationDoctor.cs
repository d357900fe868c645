using Appliance.Health;
using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Settings;

namespace Appliance.Diagnosis;

/// <summary>Looks at everything that a station needs, one thing after another, whether its service runs or not. Changes nothing but a file of its own in the state directory, which it deletes.</summary>
internal sealed class StationDoctor(ApplianceOptions options, string config)
{
    public async Task<Examination> ExamineAsync(CancellationToken cancellation)
    {
        List<Finding> found = [.. Configuration()];
        var running = await RunningStation.AskAsync(options.StateDirectory, cancellation);
        var held = StateLock.IsHeld(options.StateDirectory);
        found.Add(Service(running, held));
        found.AddRange(StateCheck.Look(options, held));
        found.Add(ClockCheck.Look());
        if (running is not null) found.AddRange(Told(running));
        else if (!held) found.AddRange(await TriedAsync(cancellation));
        return new(found.TrueForAll(f => f.Outcome != Outcome.Failed), found);
    }

    private IEnumerable<Finding> Configuration()
    {
        var warnings = ConfigurationWarnings.Of(options, config).ToList();
        return warnings.Count == 0
            ? [Finding.Ok("configuration", $"{config} is right; secrets are for their owner alone")]
            : warnings.Select(w => Finding.Warning("configuration", w, "Change it, or leave it where it is meant so."));
    }

    private Finding Service(RunningStation? running, bool held)
    {
        if (running is not null) return Finding.Ok("service", $"runs as process {running.Endpoints.ProcessId} at {running.Endpoints.Http}, epoch {running.Endpoints.Epoch}");
        return held
            ? Finding.Failed("service", "a process has the state directory and does not answer", $"See its log; {Path.Combine(options.StateDirectory, "lock.owner")} names it. Cameras, broker and model cannot be tried while it has them.")
            : Finding.Ok("service", "is stopped: cameras, broker and model are tried from here");
    }

    private static IEnumerable<Finding> Told(RunningStation running)
    {
        var h = running.Health;
        yield return Said("cameras", h.Camera, "the service gets pictures from all of them", "See its log, cable and power of the camera, and Cameras in the configuration.");
        yield return Said("pipeline", h.Pipeline, "the service judges", "'appliance resume' ends a pause; a restart helps where something stands still.");
        yield return Said("broker", h.Broker, "the service is connected", "Start the broker, or correct Mqtt in the configuration. Verdicts wait in the journal.");
        // A service of an earlier version says nothing of it.
        yield return h.Index is not { Ok: false } ? Finding.Ok("index", "samples and labels can be asked for") : Finding.Warning("index", h.Index.Reason!, "Nothing: the service judges and keeps samples meanwhile.");
        // Without one a new station is in order, and knows nothing yet.
        yield return h.Model.Ok ? Finding.Ok("model", "the service judges with one") : Finding.Warning("model", h.Model.Reason!, "Label samples, then 'appliance train'.");
    }

    private static Finding Said(string about, PartHealth part, string well, string advice) => part.Ok ? Finding.Ok(about, well) : Finding.Failed(about, part.Reason!, advice);

    private async Task<IReadOnlyList<Finding>> TriedAsync(CancellationToken cancellation)
    {
        List<Finding> found = [PortCheck.Look("http", options.Listen)];
        foreach (var camera in options.Cameras) found.Add(await CameraCheck.TryAsync(camera, cancellation));
        found.Add(await BrokerCheck.TryAsync(options, cancellation));
        found.AddRange(ModelCheck.Look(options));
        return found;
    }
}
