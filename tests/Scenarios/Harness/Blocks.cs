using System.Globalization;
using Oracle;

namespace Scenarios.Harness;

/// <summary>
/// Inspections in blocks, disturbed and undisturbed in turn, so that both see the same machine. The blocks are told apart by identities, the latencies
/// are the verdicts' own, from grab to commit.
/// </summary>
internal sealed class Blocks(Station station)
{
    private readonly List<Identity> ends = [];

    /// <summary>Blocks begin after the last verdict of now.</summary>
    public async Task BeginAsync() => ends.Add(await LastAsync());

    /// <summary>One block of each kind.</summary>
    public async Task AddAsync(Func<Task> disturbed, Func<Task> undisturbed)
    {
        await disturbed();
        ends.Add(await LastAsync());
        await undisturbed();
        ends.Add(await LastAsync());
    }

    /// <summary>The verdicts of the disturbed blocks.</summary>
    public IReadOnlyList<RecordedVerdict> Disturbed(IEnumerable<RecordedVerdict> verdicts) => [.. Of(verdicts, disturbed: true)];

    /// <summary>p50, p99, and the ratio of p99, in words.</summary>
    public string Compare(IReadOnlyList<RecordedVerdict> verdicts, string name)
    {
        var (busy, quiet) = (Figures(Of(verdicts, disturbed: true)), Figures(Of(verdicts, disturbed: false)));
        return string.Create(CultureInfo.InvariantCulture,
            $"grab to commit, ms: undisturbed p50 {quiet.P50:F2} p99 {quiet.P99:F2} of {quiet.Count}; {name} p50 {busy.P50:F2} p99 {busy.P99:F2} of {busy.Count}; ratio of p99 {busy.P99 / quiet.P99:F2}");
    }

    // Block n ends at ends[n]; the disturbed ones are odd.
    private IEnumerable<RecordedVerdict> Of(IEnumerable<RecordedVerdict> verdicts, bool disturbed) =>
        verdicts.Where(v => v.Id > ends[0] && v.Id <= ends[^1] && ends.FindIndex(e => v.Id <= e) % 2 == 1 == disturbed);

    private static (double P50, double P99, int Count) Figures(IEnumerable<RecordedVerdict> verdicts)
    {
        var ms = verdicts.Select(v => (double)v.Node["latencyMs"]!["total"]!).Order().ToList();
        return (ms[ms.Count / 2], ms[ms.Count * 99 / 100], ms.Count);
    }

    private async Task<Identity> LastAsync() => Identity.Parse((string)(await station.GetAsync("/api/v1/status"))["outbox"]!["lastCommitted"]!);
}
