namespace Appliance.Messaging;

/// <summary>Loops that live and die together.</summary>
internal static class TaskGroup
{
    /// <summary>
    /// Starts all; when the first ends the others are cancelled and awaited, then the first one's error is thrown, or an
    /// <see cref="OperationCanceledException"/> when it ended because of <paramref name="cancellation"/>.
    /// </summary>
    public static async Task RunAsync(IReadOnlyList<Func<CancellationToken, Task>> loops, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = loops.Select(loop => Start(loop, stop.Token)).ToArray();
        var first = await Task.WhenAny(running);
        await stop.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        // A fault of ours counts more than the lost connection that it may have caused.
        var fault = running.FirstOrDefault(t => t.Exception?.InnerException is not (null or BrokerLostException));
        await (fault ?? first);
    }

    // An error before the first await becomes the task's too.
    private static async Task Start(Func<CancellationToken, Task> loop, CancellationToken cancellation) => await loop(cancellation);
}
