using System.CommandLine;
using Appliance.Web;

namespace Appliance.CommandLine;

internal static class TrainCommand
{
    public static Command Create()
    {
        var (url, by) = (StationClient.Url(), StationClient.By());
        var command = new Command("train", "Trains a head from the labels, and shows how the gate judges it.") { by, url };
        command.SetAction((parsed, cancellation) => StationClient.RunAsync(parsed, async client =>
        {
            var asked = await client.PostAsync("/api/v1/training", new RequestBody(parsed.GetValue(by), null), WebJson.Default.RequestBody, WebJson.Default.TrainingPage);
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            var shown = "";
            while (await tick.WaitForNextTickAsync(cancellation))
            {
                var now = (await client.GetAsync("/api/v1/training", WebJson.Default.TrainingPage)).Now;
                if (now.Rounds >= asked.Answer && now.Last is { } last)
                {
                    Console.WriteLine($"{last.Outcome}: {last.Reason}");
                    if (last.Outcome == "failed") throw new StationException("The training failed.");
                    return;
                }

                if (now.Phase == shown || now.Job is null) continue;
                shown = now.Phase;
                await Console.Error.WriteLineAsync(FormattableString.Invariant($"{now.Phase} ({now.Fraction:P0})"));
            }
        }));
        return command;
    }
}
