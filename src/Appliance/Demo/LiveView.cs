using Inference.Decisions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Appliance.Demo;

/// <summary>The scene in a terminal, four times a second.</summary>
internal sealed class LiveView(DemoScene scene, IAnsiConsole console) : IDemoView
{
    public Task ShowAsync(Func<Task> look, Task playing, CancellationTokenSource end) =>
        console.Live(new Text("The service is starting ...")).AutoClear(false).StartAsync(async live =>
        {
            using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
            while (!playing.IsCompleted)
            {
                await look();
                live.UpdateTarget(Render(scene));
                await Task.WhenAny(playing, beat.WaitForNextTickAsync(CancellationToken.None).AsTask());
            }
        });

    /// <summary>The whole picture, as of the last look.</summary>
    public static IRenderable Render(DemoScene scene)
    {
        var status = scene.Status!;
        return new Rows(
            new Markup($"[bold]Inspection Appliance[/]  demo, {scene.Elapsed.TotalSeconds:F0} s   [grey]{(Console.IsInputRedirected ? "" : "Ctrl-C ends it")}[/]"),
            Beside(Panel("Verdicts", Verdicts(scene)), Panel("Model", Model(scene)), Panel("Delivery", Delivery(scene))),
            Panel("Newest parts", Newest(scene)),
            new Markup($"[grey]broker[/] {scene.Broker}   [grey]http[/] {Markup.Escape(scene.Endpoints.Http)}\n[grey]listen[/] {Markup.Escape(scene.Subscribe)}"));

        static Panel Panel(string title, IRenderable content) => new(content) { Header = new PanelHeader(" " + title + " "), Border = BoxBorder.Rounded };

        static Grid Beside(params Panel[] panels)
        {
            var grid = new Grid();
            foreach (var _ in panels) grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 1, 0) });
            return grid.AddRow(panels);
        }
    }

    private static Grid Verdicts(DemoScene scene)
    {
        var grid = Pairs();
        foreach (var verdict in (Verdict[])[Verdict.Ok, Verdict.Ng, Verdict.Unsure, Verdict.Fault])
            grid.AddRow(Word(verdict), scene.Tally.Of(verdict).ToString(System.Globalization.CultureInfo.InvariantCulture));
        var figures = scene.Status!.Inspections;
        grid.AddRow("[grey]ms p50 / p99[/]", "");
        grid.AddRow("grab to publish", FormattableString.Invariant($"{figures.PublishP50Ms:F1} / {figures.PublishP99Ms:F1}"));
        grid.AddRow("model run", FormattableString.Invariant($"{scene.Tally.BackboneMs(0.5):F1} / {scene.Tally.BackboneMs(0.99):F1}"));
        return grid;
    }

    private static Grid Model(DemoScene scene)
    {
        var (status, grid) = (scene.Status!, Pairs());
        var before = scene.Score.Of(null);
        grid.AddRow("live", status.Model is { } live ? $"[bold]{live[..12]}[/]" : "[yellow]none yet[/]");
        grid.AddRow("labels given", FormattableString.Invariant($"{scene.Labels}"));
        grid.AddRow("macro-F1 before", FormattableString.Invariant($"{before.MacroF1 ?? 0:F2}, {before.Parts} parts"));
        if (scene.Score.Newest is { MacroF1: { } now, Parts: var parts }) grid.AddRow("macro-F1 now", FormattableString.Invariant($"[bold]{now:F2}[/], {parts} unseen parts"));
        grid.AddRow("training", status.Training.Job is not null
            ? FormattableString.Invariant($"[blue]{status.Training.Phase}[/] {status.Training.Fraction:P0}")
            : status.Training.Last is { } last ? Markup.Escape($"{last.Outcome}, {last.Labels} labels") : "waits for labels");
        if (status.Swaps.Count > 0 && status.Swaps[^1] is var swap)
            grid.AddRow("swaps", FormattableString.Invariant($"{status.Swaps.Count}, last in {swap.PublishMs:F2} ms"));
        return grid;
    }

    private static Grid Delivery(DemoScene scene)
    {
        var (grid, balance) = (Pairs(), scene.Reconciliation.Balance);
        grid.AddRow("triggers", FormattableString.Invariant($"{balance.Triggers}"));
        grid.AddRow("verdicts", FormattableString.Invariant($"{scene.Status!.Inspections.Inspections}"));
        grid.AddRow("received", FormattableString.Invariant($"{balance.Messages}"));
        grid.AddRow("on their way", FormattableString.Invariant($"{balance.Lost}"));
        grid.AddRow("duplicated", FormattableString.Invariant($"{balance.Duplicated}"));
        grid.AddRow("out of order", FormattableString.Invariant($"{balance.OutOfOrder}"));
        return grid;
    }

    private static Table Newest(DemoScene scene)
    {
        var table = new Table { Border = TableBorder.None };
        table.AddColumns("part", "verdict", "class", "p", "why", "it is");
        foreach (var (verdict, truth) in scene.Tally.Newest.Select(s => (s.Verdict, s.Truth)))
        {
            table.AddRow(
                Markup.Escape(verdict.Part ?? "-"), Word(verdict.Verdict), Markup.Escape(verdict.Class ?? "-"), FormattableString.Invariant($"{verdict.Probability:F2}"),
                Markup.Escape(verdict.Reason), truth is null ? "-" : verdict.Class is null ? Markup.Escape(truth) : verdict.Class == truth ? $"[green]{Markup.Escape(truth)}[/]" : $"[red]{Markup.Escape(truth)}[/]");
        }

        return table;
    }

    private static Grid Pairs() => new Grid().AddColumn(new GridColumn { NoWrap = true }).AddColumn(new GridColumn { NoWrap = true });

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "[green]OK[/]",
        Verdict.Ng => "[red]NG[/]",
        Verdict.Unsure => "[yellow]UNSURE[/]",
        _ => "[magenta]FAULT[/]",
    };
}
