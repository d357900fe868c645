using System.Collections.Concurrent;
using System.Diagnostics;
using Appliance.Journal;
using Appliance.Samples;
using Inference.Packages;

namespace Appliance.Tests.Faults;

/// <summary>A station at full work until its power goes: one thread judges, others take triggers and labels and swap two models. What is confirmed is written down.</summary>
internal sealed class Shift(FaultyStation station, Acknowledged acknowledged, IReadOnlyList<string> models, string name) : IDisposable
{
    private readonly CancellationTokenSource over = new();
    private readonly ConcurrentQueue<string> accepted = new();

    /// <summary>When each verdict's commit had returned.</summary>
    public ConcurrentDictionary<InspectionId, long> CommittedAt { get; } = new();

    /// <summary>Works until <see cref="Over"/>, or until nothing can be recorded.</summary>
    public Task RunAsync() => Task.WhenAll(
        Task.Factory.StartNew(Judge, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
        Task.Run(() => RepeatAsync(TriggerAsync)), Task.Run(() => RepeatAsync(LabelAsync)), Task.Run(() => RepeatAsync(SwapAsync)));

    public void Over()
    {
        over.Cancel();
        station.Journal.StopWaiting();
    }

    public void Dispose() => over.Dispose();

    private void Judge()
    {
        try
        {
            for (var number = 0; !over.IsCancellationRequested; number++)
            {
                var id = station.Inspect(number, accepted.TryDequeue(out var trigger) ? trigger : null);
                CommittedAt[id] = Stopwatch.GetTimestamp();
                // The line's pace.
                over.Token.WaitHandle.WaitOne(1);
            }
        }
        catch (JournalException)
        {
            // The power is off.
        }
    }

    private async Task RepeatAsync(Func<int, Task> work)
    {
        try
        {
            for (var i = 0; !over.IsCancellationRequested; i++)
            {
                await work(i);
                await Task.Yield();
            }
        }
        catch (Exception e) when (e is JournalException or IndexUnavailableException or IOException or PackageException)
        {
            // The power is off.
        }
    }

    private async Task TriggerAsync(int number)
    {
        var trigger = $"{name}-{number}";
        Assert.True(await station.Journal.TryAcceptAsync(new(trigger, "c1", null, "r") { At = DateTimeOffset.UnixEpoch }, CancellationToken.None));
        acknowledged.Triggers.Enqueue(trigger);
        accepted.Enqueue(trigger);
        await Task.Delay(2);
    }

    private async Task LabelAsync(int number)
    {
        foreach (var sample in station.Index.Latest(1))
        {
            var label = $"{name} {number}";
            if ((await station.Labels.LabelAsync(sample.Id, label, "anna", CancellationToken.None)).Fact is not null) acknowledged.Labels.Enqueue((sample.Id, label));
        }

        await Task.Delay(2);
    }

    private async Task SwapAsync(int number)
    {
        var model = station.Store.Import(models[number % 2]);
        if (await station.Live.PromoteAsync(model, "anna", name, CancellationToken.None) is null) acknowledged.Promotions.Enqueue(model);
        await Task.Delay(5);
    }
}
