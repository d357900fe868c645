using System.Text;
using Appliance.Journal;
using Appliance.Samples;
using Inference.Packages;

namespace Appliance.Tests.Faults;

/// <summary>What a station does in a life: judges, keeps, accepts a trigger, takes labels, trains, swaps. What is refused is refused; what is confirmed is written down.</summary>
internal sealed class Workday(FaultyStation station, Acknowledged acknowledged)
{
    private static CancellationToken Cancellation => Until.Cancellation;

    /// <param name="day">Makes names of triggers and parts.</param>
    /// <param name="package">A package to promote at the end, by hand.</param>
    public async Task RunAsync(int day, string package)
    {
        Inspect(day * 10 + 1);
        await TriggerAsync($"t{day}", day * 10 + 2);
        await station.StoredAsync();
        station.Mend();
        foreach (var sample in station.Journal.ReadFacts().OfType<SampleKept>().Select(k => k.Sample).ToList()) await LabelAsync(sample, day % 2 == 0 ? "ok" : "scratch");
        await station.TrainAsync();
        station.Mend();
        await PromoteAsync(package);
        Inspect(day * 10 + 3);
        await station.StoredAsync();
    }

    private void Inspect(int number, string? trigger = null)
    {
        // What was triggered is tried again until it is recorded; nothing waits for ever here.
        for (var attempt = 0; attempt < (trigger is null ? 1 : 3); attempt++)
        {
            try
            {
                var id = station.Inspect(number, trigger);
                acknowledged.Verdicts.Enqueue((id, Encoding.UTF8.GetString(station.Journal.ReadVerdict(id)!)));
                break;
            }
            catch (JournalException)
            {
                station.Mend();
            }
        }

        station.Mend();
    }

    private async Task TriggerAsync(string trigger, int number)
    {
        try
        {
            if (!await station.KnownAsync(station.Journal.TryAcceptAsync(new(trigger, "c1", null, "r") { At = DateTimeOffset.UnixEpoch }, Cancellation))) return;
            acknowledged.Triggers.Enqueue(trigger);
        }
        catch (JournalException)
        {
            station.Mend();
            return;
        }

        Inspect(number, trigger);
    }

    private async Task LabelAsync(string sample, string label)
    {
        try
        {
            var answer = await station.KnownAsync(station.Labels.LabelAsync(sample, label, "anna", Cancellation));
            if (answer.Fact is not null) acknowledged.Labels.Enqueue((sample, label));
        }
        catch (Exception e) when (e is JournalException or IndexUnavailableException)
        {
            station.Mend();
        }
    }

    private async Task PromoteAsync(string package)
    {
        try
        {
            var model = station.Store.Import(package);
            if (await station.KnownAsync(station.Live.PromoteAsync(model, "anna", "by hand", Cancellation)) is null) acknowledged.Promotions.Enqueue(model);
        }
        catch (Exception e) when (e is JournalException or IndexUnavailableException or IOException or PackageException)
        {
            station.Mend();
        }
    }
}
