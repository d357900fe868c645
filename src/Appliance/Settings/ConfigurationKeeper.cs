using System.Runtime.InteropServices;
using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Messaging;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Settings;

/// <summary>
/// Reads the configuration again at SIGHUP, takes over what may change while running, and says what waits for a restart. A wrong file changes nothing.
/// What is in force is a fact of the journal: at the start, and at each change.
/// </summary>
internal sealed class ConfigurationKeeper(
    ApplianceOptions options, ConfigurationState state, StationJournal journal, StationStatus status, TimeProvider time, ILogger<ConfigurationKeeper> logger, ConfigurationSource? source = null) : BackgroundService
{
    private readonly SemaphoreSlim asked = new(0);
    private PosixSignalRegistration? signal;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        state.View = new(ConfigurationDifference.HashOf(options), [], []);
        // Before the station is ready: from then on a reload may come, and unheard it would end the process.
        if (source is not null && !HasTerminal()) signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ask);
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        signal?.Dispose();
        base.Dispose();
        asked.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RecordAsync(ConfigurationDifference.Since(journal.Configuration, options), "start");
            while (true)
            {
                await asked.WaitAsync(stoppingToken);
                await ReloadAsync(source!);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    private void Ask(PosixSignalContext context)
    {
        context.Cancel = true;
        asked.Release();
    }

    private async Task ReloadAsync(ConfigurationSource from)
    {
        var (fresh, errors) = ApplianceConfiguration.Load(from.Path, from.Settings);
        if (fresh is null)
        {
            foreach (var error in errors) logger.Wrong(error);
            logger.Kept(from.Path, errors.Count);
            state.View = state.View with { Errors = errors };
            status.NotifyChanged();
            return;
        }

        var (changed, waiting) = ConfigurationDifference.Apply(options, fresh);
        foreach (var change in changed) logger.Changed(change.Key, change.Before ?? "(none)", change.After ?? "(none)");
        if (waiting.Count > 0) logger.Waiting(string.Join(", ", waiting));
        logger.Reloaded(from.Path, changed.Count);
        state.View = new(ConfigurationDifference.HashOf(options), [], waiting);
        status.NotifyChanged();
        await RecordAsync(changed, "reload");
    }

    private async Task RecordAsync(IReadOnlyList<SettingChange> changes, string why)
    {
        if (changes.Count == 0) return;
        try
        {
            await journal.AppendDurableAsync(new ConfigurationChanged(ConfigurationDifference.HashOf(options), changes, why) { At = time.GetUtcNow() }, CancellationToken.None);
        }
        catch (JournalException e)
        {
            logger.NotRecorded(e.Message);
        }
    }

    // In a terminal the signal says that it was closed, and the process ends with it as any other.
    private static bool HasTerminal()
    {
        try
        {
            using var terminal = File.OpenHandle("/dev/tty");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>Event ids 12000 to 12999.</summary>
internal static partial class SettingsLog
{
    [LoggerMessage(12000, LogLevel.Information, "The configuration was read again from {Path}: {Count} settings changed")]
    public static partial void Reloaded(this ILogger logger, string path, int count);

    [LoggerMessage(12001, LogLevel.Information, "{Key} was {Before} and is {After} now")]
    public static partial void Changed(this ILogger logger, string key, string before, string after);

    [LoggerMessage(12002, LogLevel.Warning, "These settings of the file are in force after a restart: {Keys}")]
    public static partial void Waiting(this ILogger logger, string keys);

    [LoggerMessage(12003, LogLevel.Error, "Configuration: {Error}")]
    public static partial void Wrong(this ILogger logger, string error);

    [LoggerMessage(12004, LogLevel.Error, "{Path} has {Count} errors, so nothing of it is taken over: the configuration before it stays in force")]
    public static partial void Kept(this ILogger logger, string path, int count);

    [LoggerMessage(12005, LogLevel.Warning, "The change of the configuration could not be recorded, and the next start records it: {Problem}")]
    public static partial void NotRecorded(this ILogger logger, string problem);
}
