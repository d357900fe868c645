using Appliance.Capture;
using Appliance.Disk;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Models;
using Appliance.Models.Shadows;
using Appliance.Samples;
using Appliance.Telemetry;
using Microsoft.Extensions.Hosting;

namespace Appliance.Hosting;

/// <summary>What must be in place before anything is judged: the live model, and an answer to every trigger of the epoch before. So ready means ready.</summary>
internal sealed class StationStart(LiveModel live, ShadowPeriod shadow, TriggerDesk triggers, StationStatus status, CameraFleet cameras, OutboxState outbox, InspectionStatistics statistics, InspectionTraces traces, JournalKeeper keeper, IndexKeeper index, DiskSpace disk,
    LineSwitch line, IHostApplicationLifetime lifetime) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await live.RestoreAsync(cancellationToken);
        await shadow.RestoreAsync(cancellationToken);
        shadow.Changed += status.NotifyChanged;
        live.Changed += status.NotifyChanged;
        keeper.Changed += status.NotifyChanged;
        index.Changed += status.NotifyChanged;
        disk.Changed += status.NotifyChanged;
        line.Changed += status.NotifyChanged;
        line.Restore();
        cameras.Changed += status.NotifyChanged;
        outbox.Written = statistics.Written;
        outbox.Written += traces.Written;
        triggers.AnswerInterrupted();
        lifetime.ApplicationStopping.Register(triggers.Close);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        shadow.Changed -= status.NotifyChanged;
        live.Changed -= status.NotifyChanged;
        line.Changed -= status.NotifyChanged;
        keeper.Changed -= status.NotifyChanged;
        index.Changed -= status.NotifyChanged;
        disk.Changed -= status.NotifyChanged;
        cameras.Changed -= status.NotifyChanged;
        return Task.CompletedTask;
    }
}
