using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Messaging;

/// <summary>
/// Keeps a connection to the broker and runs what uses it. Trouble with the broker means waiting and connecting again, for ever; any
/// other fault (a damaged journal) leaves the loop and stops the process.
/// </summary>
internal sealed class MessagingWorker(
    BrokerConnector connector, VerdictPublisher verdicts, StationStatus status, MqttTriggers triggers, AckTrail trail, OutboxFile file,
    OutboxState state, MessagingSettings settings, TimeProvider time, ILogger<MessagingWorker> logger) : BackgroundService
{
    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>Lets the last verdicts out, says that the station stops, and disconnects.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (state.IsConnected)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(settings.Mqtt.DrainTime);
            await state.WaitUntilDrainedAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TaskGroup.RunAsync([ConnectAsync, SaveAsync], stoppingToken);
    }

    private async Task ConnectAsync(CancellationToken cancellation)
    {
        var wait = FirstWait;
        string? logged = null;
        while (true)
        {
            var connections = state.Connections;
            try
            {
                await using var session = await connector.ConnectAsync(status.LastWill, cancellation);
                await UseAsync(session, cancellation);
            }
            catch (BrokerLostException e)
            {
                state.OnLost(e.Message, e.IsTimeout);
                // The same problem again and again is logged once.
                if (logged != e.Message || connections != state.Connections) logger.Disconnected(connector.Address.ToString(), e.Message);
                logged = e.Message;
            }

            wait = connections != state.Connections ? FirstWait : TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, LongestWait.Ticks));
            await Task.Delay(wait * (0.75 + (Random.Shared.NextDouble() / 2)), time, cancellation);
        }
    }

    private async Task UseAsync(BrokerSession session, CancellationToken cancellation)
    {
        state.OnConnected();
        logger.Connected(connector.Address.ToString(), trail.ResendFrom.ToString(), state.Backlog);
        try
        {
            // Online is said once triggers are heard: what is sent then must not be missed.
            var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await TaskGroup.RunAsync(
                [
                    session.UntilClosedAsync, c => verdicts.RunAsync(session, c), c => triggers.RunAsync(session, listening, c),
                    async c =>
                    {
                        await listening.Task.WaitAsync(c);
                        await status.RunAsync(session, c);
                    },
                ],
                cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await SayGoodbyeAsync(session);
            throw;
        }
    }

    private async Task SayGoodbyeAsync(BrokerSession session)
    {
        using var limit = new CancellationTokenSource(settings.Mqtt.PublishTimeout, time);
        try
        {
            await status.PublishStoppedAsync(session, limit.Token);
            await session.DisconnectAsync(limit.Token);
        }
        catch (Exception e) when (e is BrokerLostException or OperationCanceledException)
        {
            // Then the last will says it.
        }
    }

    private async Task SaveAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(SavePeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation)) file.Save(trail.Position);
        }
        finally
        {
            file.Save(trail.Position);
        }
    }
}
