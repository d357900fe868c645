using Appliance.Capture.Folders;
using Appliance.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Capture;

/// <summary>All cameras of the station, a thread each. Ends the process when one of them dies of a fault of this program.</summary>
internal sealed class CameraFleet : BackgroundService
{
    private readonly List<CameraWorker> workers;

    public CameraFleet(ApplianceOptions options, IFrameSink sink, TimeProvider time, ILogger<CameraFleet> logger, TakenLists lists)
    {
        workers = [.. options.Cameras.Select(camera => new CameraWorker(camera, sink, time, logger, FrameSources.Opener(camera, time, lists)))];
        foreach (var worker in workers) worker.Changed += () => Changed?.Invoke();
    }

    /// <summary>A camera's phase is another one. Told on the camera's thread.</summary>
    public event Action? Changed;

    /// <summary>Names, for messages.</summary>
    public string Names => string.Join(", ", workers.Select(w => w.Name));

    public IReadOnlyList<CameraState> States => [.. workers.Select(w => w.State)];

    /// <summary>The camera of that name; the only one when none is named; null otherwise.</summary>
    public CameraWorker? Find(string? name) =>
        name is null ? (workers.Count == 1 ? workers[0] : null) : workers.Find(w => string.Equals(w.Name, name, StringComparison.Ordinal));

    /// <summary>Stops free run, or lets it go on; any thread.</summary>
    public void Pause(bool paused)
    {
        foreach (var worker in workers) worker.Pause(paused);
    }

    /// <summary>Opens every source that failed at once, with its whole restart budget; any thread.</summary>
    public void Retry()
    {
        foreach (var worker in workers) worker.Retry();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(workers.Select(worker => worker.StopAsync())).WaitAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var worker in workers) worker.Start();
        // A fault of this program in one of them is not waited for until the others have ended.
        await foreach (var ended in Task.WhenEach(workers.Select(w => w.Completion))) await ended;
        // A folder that has ended leaves a service that still takes labels and trains.
        await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
