using Inference.Decisions;

namespace Appliance.Demo;

/// <summary>A line every two seconds, and one for each thing that happens: for pipes and logs.</summary>
internal sealed class PlainView(DemoScene scene, TextWriter output) : IDemoView
{
    private int swaps;
    private int rounds;

    public async Task ShowAsync(Func<Task> look, Task playing, CancellationTokenSource end)
    {
        await output.WriteLineAsync($"broker   {scene.Broker}");
        await output.WriteLineAsync($"listen   {scene.Subscribe}");
        await output.WriteLineAsync($"http     {scene.Endpoints.Http}/api/v1/status");
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(2));
        while (!playing.IsCompleted)
        {
            await Task.WhenAny(playing, beat.WaitForNextTickAsync(CancellationToken.None).AsTask());
            if (playing.IsCompleted) return;
            await look();
            await WriteAsync();
        }
    }

    private async Task WriteAsync()
    {
        var status = scene.Status!;
        foreach (var swap in status.Swaps.Skip(swaps))
            await output.WriteLineAsync(FormattableString.Invariant($"swap     {swap.Model[..12]} replaces {swap.Before?[..12] ?? "nothing"}: loaded {swap.LoadMs:F0} ms beside the line, published in {swap.PublishMs:F3} ms"));
        swaps = status.Swaps.Count;
        if (status.Training.Rounds > rounds && status.Training.Last is { } last) await output.WriteLineAsync($"training {last.Outcome} with {last.Labels} labels: {last.Reason}");
        rounds = status.Training.Rounds;
        var (tally, balance) = (scene.Tally, scene.Reconciliation.Balance);
        var score = scene.Score.Newest is { MacroF1: { } f1, Parts: var parts } ? FormattableString.Invariant($", macro-F1 {f1:F2} on the last {parts} unseen parts") : "";
        await output.WriteLineAsync(FormattableString.Invariant(
            $"{scene.Elapsed.TotalSeconds,4:F0} s   {tally.Of(Verdict.Ok)} OK, {tally.Of(Verdict.Ng)} NG, {tally.Of(Verdict.Unsure)} UNSURE, {tally.Of(Verdict.Fault)} FAULT; {scene.Labels} labels; {balance.Triggers} triggers, {balance.Messages} messages{score}"));
    }
}
