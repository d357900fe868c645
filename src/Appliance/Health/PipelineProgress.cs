using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Watchdog;

namespace Appliance.Health;

/// <summary>Whether the line makes progress, measured where the work is done. Cameras and broker are not waited for: they have their own limits. Any thread.</summary>
internal sealed class PipelineProgress(InspectionWorker inspection, StationJournal journal)
{
    /// <summary>Half of the time after which a service manager ends a station that stands still, where nobody says another.</summary>
    public static readonly TimeSpan UsualLimit = TimeSpan.FromSeconds(10);

    /// <summary>What has stood still for longer than the limit; null where nothing has. A journal that takes nothing is a state that says so, and a restart would not mend the disk.</summary>
    public string? Stuck(TimeSpan limit) => journal.Trouble is not null
        ? null
        : ((Pulse[])[inspection.Pulse, journal.SyncPulse]).FirstOrDefault(p => p.Busy > limit)?.Name;
}
