using Microsoft.Extensions.Hosting;

namespace Appliance.Models.Shadows;

/// <summary>Ends shadow periods, and keeps their figures, away from the judging thread.</summary>
internal sealed class ShadowWorker(ShadowPeriod shadow) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        shadow.Save();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await shadow.WaitAsync(Beat, stoppingToken);
                await shadow.StepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops; the period goes on with the next start.
        }
    }
}
