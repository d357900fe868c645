using System.Globalization;
using Oracle;

namespace Scenarios.Harness;

/// <summary>
/// Inspections in blocks, disturbed and undisturbed in turn, so that both see the same machine. The blocks are told apart by identities, the latencies
/// are the verdicts' own, from grab to commit. The dropped pictures are those of the station's first camera.
/// </summary>
internal sealed class Blocks(Station station)
{
    private readonly List<Identity> ends = [];
    private readonly List<long> dropped = [];

    /// <summary>Blocks begin after the last verdict of now.</summary>
    public Task BeginAsync() => EndAsync();

    /// <summary>One block of each kind.</summary>
    public async Task AddAsync(Func<Task> disturbed, Func<Task> undisturbed)
    {
        await disturbed();
        await EndAsync();
        await undisturbed();
        await EndAsync();
    }

    /// <summary>The verdicts of the disturbed blocks.</summary>
    public IReadOnlyList<RecordedVerdict> Disturbed(IEnumerable<RecordedVerdict> verdicts) => [.. Of(verdicts, disturbed: true)];

    /// <summary>p50, p99, the longest, the ratio of p99, and dropped pictures, in words.</summary>
    public string Compare(IReadOnlyList<RecordedVerdict> verdicts, string name)
    {
        var (busy, quiet) = (Figures(Of(verdicts, disturbed: true)), Figures(Of(verdicts, disturbed: false)));
        return string.Create(CultureInfo.InvariantCulture,
            $"grab to commit, ms: undisturbed p50 {quiet.P50:F2} p99 {quiet.P99:F2} most {quiet.Most:F0} of {quiet.Count}, {Dropped(disturbed: false)} dropped; {name} p50 {busy.P50:F2} p99 {busy.P99:F2} most {busy.Most:F0} of {busy.Count}, {Dropped(disturbed: true)} dropped; ratio of p99 {busy.P99 / quiet.P99:F2}");
    }

    // Block n ends at ends[n]; the disturbed ones are odd.
    private IEnumerable<RecordedVerdict> Of(IEnumerable<RecordedVerdict> verdicts, bool disturbed) =>
        verdicts.Where(v => v.Id > ends[0] && v.Id <= ends[^1] && ends.FindIndex(e => v.Id <= e) % 2 == 1 == disturbed);

    private long Dropped(bool disturbed) => Enumerable.Range(1, dropped.Count - 1).Where(n => n % 2 == 1 == disturbed).Sum(n => dropped[n] - dropped[n - 1]);

    private static (double P50, double P99, double Most, int Count) Figures(IEnumerable<RecordedVerdict> verdicts)
    {
        var ms = verdicts.Select(v => (double)v.Node["latencyMs"]!["total"]!).Order().ToList();
        return (ms[ms.Count / 2], ms[ms.Count * 99 / 100], ms[^1], ms.Count);
    }

    private async Task EndAsync()
    {
        var status = await station.GetAsync("/api/v1/status");
        ends.Add(Identity.Parse((string)status["outbox"]!["lastCommitted"]!));
        dropped.Add((long)status["cameras"]![0]!["dropped"]!);
    }
}
