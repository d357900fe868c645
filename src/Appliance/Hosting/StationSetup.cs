using Appliance.Capture;
using Appliance.Disk;
using Appliance.Evidence;
using Appliance.Health;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Models;
using Appliance.Models.Shadows;
using Appliance.Policies;
using Appliance.Samples;
using Appliance.Settings;
using Appliance.Telemetry;
using Appliance.Training;
using Appliance.Watchdog;
using Inference.Files;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Appliance.Hosting;

/// <summary>Wires the slices. Hosted parts start in the order of registration and stop in the reverse: the line first, the broker last.</summary>
internal static class StationSetup
{
    public static IServiceCollection AddStation(this IServiceCollection services, ApplianceOptions options)
    {
        services.AddSingleton(options).AddSingleton(TimeProvider.System).AddSingleton<IFileSystem>(LinuxFileSystem.Instance);
        services.AddSingleton(s => StationJournal.Open(
            s.GetRequiredService<IFileSystem>(), options.StateDirectory, options.Station, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<StationJournal>>(),
            new JournalOptions { ReserveBytes = options.Disk.ReserveBytes }));
        services.AddSingleton(s => new DiskSpace(
            options.Disk, () => DiskSpace.FreeAt(options.StateDirectory), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<DiskSpace>>()));
        services.AddSingleton<JournalKeeper>().AddHostedService(s => s.GetRequiredService<JournalKeeper>());
        services.AddModels(options);
        services.AddPolicies();
        services.AddSamples(options);
        services.AddEvidence(options);
        services.AddHealth();
        services.AddSingleton<ConfigurationState>().AddHostedService<ConfigurationKeeper>();
        services.AddWatchdog();
        services.AddHostedService<StationStart>();
        services.AddSingleton(new MessagingSettings(options.Station, options.StateDirectory, StationHost.Version, options.Mqtt));
        services.AddSingleton<Func<StationSnapshot>>(s => () => Snapshot(s, options));
        services.AddMessaging(options.Mqtt);
        services.AddSampling(options);
        services.AddShadows();
        services.AddTraining();
        services.AddTelemetry(options);
        services.AddTakenLists();
        services.AddInspection(options);
        services.AddCapture();
        return services;
    }

    private static StationSnapshot Snapshot(IServiceProvider services, ApplianceOptions options)
    {
        var (live, cameras) = (services.GetRequiredService<LiveModel>().Current, services.GetRequiredService<CameraFleet>().States);
        var (journal, line) = (services.GetRequiredService<StationJournal>(), services.GetRequiredService<LineSwitch>());
        var safe = journal.Trouble is not null || cameras.All(c => c.Phase == CameraPhase.Failed);
        return new(
            safe ? "safe" : line.IsPaused ? "paused" : cameras.Any(c => c.InTrouble) ? "degraded" : "running", options.Recipe, live?.Model, live?.Policy,
            [.. cameras.Select(c => new CameraSnapshot(c.Name, c.Phase.ToString().ToLowerInvariant(), c.Restarts, c.InTrouble ? c.LastError : null))],
            Detail(journal, line, services.GetRequiredService<DiskSpace>(), services.GetRequiredService<SampleIndex>(), services.GetRequiredService<ConfigurationState>()),
            services.GetRequiredService<ShadowPeriod>().Now is { } shadow ? new(shadow.Begun.Model, shadow.Figures.Judged, shadow.Figures.Agreed, shadow.Figures.Contradicted) : null);
    }

    private static string? Detail(StationJournal journal, LineSwitch line, DiskSpace disk, SampleIndex index, ConfigurationState configuration)
    {
        List<string> said = [];
        if (journal.Trouble is { } trouble) said.Add($"Nothing can be recorded: {trouble}");
        if (line.Last is { Paused: true } by) said.Add($"The line is paused by {by.By}: {by.Why}.");
        if (journal.Reserve is { } r && r.LeftBytes < r.SizeBytes) said.Add($"The journal lives on its reserve: {r.LeftBytes} of {r.SizeBytes} bytes are left.");
        if (disk.Shortage is { } shortage) said.Add($"No samples are kept: {shortage}.");
        if (index.Trouble is { } broken) said.Add($"The index is made anew from the journal: {broken}.");
        if (configuration.Detail is { } configured) said.Add(configured);
        return said.Count == 0 ? null : string.Join(' ', said);
    }
}
