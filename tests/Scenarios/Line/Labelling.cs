using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Line;

/// <summary>Plays the operator over HTTP: says of each photograph once what its folder says, for the half of the parts that a hash picks. The other half is never labelled.</summary>
internal sealed class Labelling(Station station)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private readonly HashSet<string> given = new(StringComparer.Ordinal);

    public int Count => given.Count;

    /// <summary>Whether the operator ever labels this part.</summary>
    public static bool Covers(string part) => SHA256.HashData(Encoding.UTF8.GetBytes(part))[0] % 2 == 0;

    /// <summary>Labels what comes until so many labels are given in all.</summary>
    public async Task UntilAsync(int labels, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (given.Count < labels)
        {
            foreach (var sample in (await station.GetAsync("/api/v1/samples?unlabelled=true&limit=500"))["samples"]!.AsArray())
            {
                var (id, source) = ((string)sample!["sample"]!, (string)sample["source"]!);
                if (!Covers((string)sample["part"]!) || !given.Add(source)) continue;
                await station.PostAsync($"/api/v1/samples/{id}/label", new JsonObject { ["label"] = source.Split('/')[0], ["by"] = "operator" });
                if (given.Count >= labels) return;
            }

            await TickAsync(beat, labels, limit.Token);
        }
    }

    private async Task TickAsync(PeriodicTimer beat, int labels, CancellationToken limit)
    {
        try
        {
            await beat.WaitForNextTickAsync(limit);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Assert.Fail($"Not within {Limit}: {labels} labels; {given.Count} are given.");
        }
    }
}
