using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Messaging;

/// <summary>
/// Keeps a connection to the broker and runs what uses it. Trouble with the broker means waiting and connecting again, for ever; any
/// other fault (a damaged journal) leaves the loop and stops the process.
/// </summary>
internal sealed class MessagingWorker(
    BrokerConnector connector, VerdictPublisher verdicts, StationStatus status, MqttTriggers triggers, BrokerLoop loop, TopicRights rights, AckTrail trail, OutboxFile file, OutboxBound bound,
    OutboxState state, MessagingSettings settings, TimeProvider time, ILogger<MessagingWorker> logger) : BackgroundService
{
    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(1);

    /// <summary>Before the first verdict the disk says how far delivery is; where it did not, what lies too far back is named.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!trail.IsKnown) await bound.StartAnewAsync();
        file.Save(trail.Position);
        await base.StartAsync(cancellationToken);
    }

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
        var waits = new ReconnectWaits();
        string? logged = null;
        while (true)
        {
            long? since = null;
            try
            {
                await using var session = await connector.ConnectAsync(status.LastWill, cancellation);
                since = time.GetTimestamp();
                await UseAsync(session, cancellation);
            }
            catch (BrokerLostException e)
            {
                if (since is not null) rights.ConnectionEnded();
                var wait = waits.Next(e, since is { } at ? time.GetElapsedTime(at) : null);
                var problem = Problem(e, waits);
                state.OnLost(problem, e.IsTimeout);
                // The same problem again and again is logged once.
                if (waits.IsTakenOver) logger.TakenOver(connector.Address.ToString(), problem, wait);
                else if (logged != problem || since is not null) logger.Disconnected(connector.Address.ToString(), problem);
                logged = problem;
                await Task.Delay(wait, time, cancellation);
            }
        }
    }

    private string Problem(BrokerLostException lost, ReconnectWaits waits)
    {
        if (waits.IsTakenOver && !lost.IsTakenOver) return connector.TakenOver("It ended the connection again and again, as brokers do when");
        return lost.IsForbidden ? $"{lost.Message} Check what {settings.Mqtt.Who} may read and write." : lost.Message;
    }

    private async Task UseAsync(BrokerSession session, CancellationToken cancellation)
    {
        state.OnConnected();
        logger.Connected(connector.Address.ToString(), trail.ResendFrom.ToString(), state.Backlog);
        try
        {
            var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await TaskGroup.RunAsync(
                [session.UntilClosedAsync, c => verdicts.RunAsync(session, c), c => triggers.RunAsync(session, listening, c), SayAsync], cancellation);

            // Online is said once triggers are heard: what is sent then must not be missed.
            async Task SayAsync(CancellationToken c)
            {
                await listening.Task.WaitAsync(c);
                await TaskGroup.RunAsync([t => status.RunAsync(session, t), t => loop.RunAsync(session, t)], c);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await SayGoodbyeAsync(session);
            throw;
        }
        catch (BrokerLostException e) when (!e.IsTimeout && !e.IsTakenOver)
        {
            // Whichever loop saw the end first knows less of why than the broker said.
            throw await session.EndAsync() is { } end && (end.IsTakenOver || end.IsForbidden) ? end : e;
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
