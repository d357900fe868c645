using Appliance.CommandLine;
using Appliance.Web;

namespace Appliance.Demo;

/// <summary>Plays the operator with the calls that an operator's tool makes: looks at samples, says what they show. Labels every second part, so that the others stay unseen.</summary>
internal sealed class DemoOperator(StationClient client, Truth truth, TimeProvider time)
{
    private const string Name = "demo operator";
    private readonly HashSet<string> done = new(StringComparer.Ordinal);

    public int Labels { get; private set; }

    /// <summary>Labels what is not labelled, a few a second, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(400), time);
        while (await beat.WaitForNextTickAsync(cancellation))
        {
            var page = await client.GetAsync("/api/v1/samples?unlabelled=true&limit=100", WebJson.Default.SamplePage);
            foreach (var sample in page.Samples.Where(s => done.Add(s.Sample)))
            {
                if (truth.Of(sample.Part, sample.Source) is not { } shows || !IsMine(sample.Part)) continue;
                await client.PostAsync($"/api/v1/samples/{sample.Sample}/label", new LabelBody(shows, Name), WebJson.Default.LabelBody, WebJson.Default.SampleLabelled);
                Labels++;
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    private static bool IsMine(string? part) => part is null || Inference.Jobs.Folds.Of("operator " + part) is 0 or 1 or 2;
}
