using System.Diagnostics;
using System.Globalization;
using Appliance.Journal;
using Appliance.Tests.Hosting;
using Appliance.Tests.Journal;
using Inference.Backbones;
using Inference.Runtime;
using Testing.Files;

namespace Appliance.Tests.Faults;

/// <summary>
/// A station at work whose unsynced writes are thrown away at random moments, in part or whole. <c>APPLIANCE_POWER_CUTS</c> sets how often, <c>APPLIANCE_POWER_CUTS_SEED</c> when.
/// </summary>
public sealed class StationPowerCutTests(ITestOutputHelper output) : IDisposable
{
    private const int CutsPerState = 20;
    private readonly TemporaryDirectory directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
    private readonly BackboneSession backbone = BackboneSession.Load(TestModel.Fixture("backbone"), null, new RuntimeOptions { Threads = 1 });
    private readonly List<double> lostAgesMs = [];
    private (int Verdicts, int Labels, int Promotions, int Triggers) confirmed;

    public void Dispose()
    {
        backbone.Dispose();
        directory.Dispose();
    }

    [Fact]
    public async Task PowerCutAtRandomMoments_LosesOnlyTheLastVerdictsAndNamesThem()
    {
        var (cuts, seed) = (Setting("APPLIANCE_POWER_CUTS", 60), Setting("APPLIANCE_POWER_CUTS_SEED", Environment.ProcessId));
        var random = new Random(seed);
        string[] models = [TestModel.Write(directory["a"], backbone.Embedding), TestModel.Write(directory["b"], backbone.Embedding, 3)];
        for (var done = 0; done < cuts; done += CutsPerState) await RunAsync(Math.Min(CutsPerState, cuts - done), random, models, $"seed {seed}, cut {done}");
        lostAgesMs.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {cuts} cuts, seed {seed}: confirmed {confirmed.Verdicts} verdicts, {confirmed.Labels} labels, {confirmed.Promotions} promotions, {confirmed.Triggers} triggers;
            lost {lostAgesMs.Count} verdicts, all named; the oldest was committed {lostAgesMs.LastOrDefault():F1} ms before the cut, {lostAgesMs.Count(a => a > 10)} more than 10 ms before it
            """));
    }

    private async Task RunAsync(int cuts, Random random, string[] models, string run)
    {
        var state = directory[Guid.NewGuid().ToString("n")];
        var files = new PowerCutFileSystem(state);
        var acknowledged = new Acknowledged();
        var seen = new Dictionary<InspectionId, string>();
        for (var cut = 1; cut <= cuts; cut++)
        {
            await using var station = await FaultyStation.OpenAsync(files, state, "/nowhere", backbone);
            using var shift = new Shift(station, acknowledged, models, $"{cut}");
            var working = shift.RunAsync();
            await Task.Delay(random.Next(1, 60));
            var at = files.SwitchOff(random.Next(2) == 0 ? random : null);
            shift.Over();
            await working;
            await station.DisposeAsync();
            files.SwitchOn();
            await CheckAsync(files, state, acknowledged, seen, shift, at, $"{run} + {cut}");
        }

        confirmed = (confirmed.Verdicts, confirmed.Labels + acknowledged.Labels.Count, confirmed.Promotions + acknowledged.Promotions.Count, confirmed.Triggers + acknowledged.Triggers.Count);
        Directory.Delete(state, recursive: true);
    }

    // The start after the cut: what is gone is the end of that epoch, and its number is named.
    private async Task CheckAsync(PowerCutFileSystem files, string state, Acknowledged acknowledged, Dictionary<InspectionId, string> seen, Shift shift, long cutAt, string run)
    {
        await using var station = await FaultyStation.OpenAsync(files, state, "/nowhere", backbone);
        new StationCheck(station, state, backbone, run).NothingElseLost(acknowledged);
        var verdicts = JournalBench.ReadAll(station.Journal).ToDictionary(v => v.Id, v => v.Json);
        foreach (var (id, json) in seen) Assert.True(verdicts.GetValueOrDefault(id) == json, $"{run}: verdict {id}, which an earlier start had read");
        foreach (var (id, json) in verdicts) seen[id] = json;
        var epoch = station.Journal.EpochFact;
        foreach (var (id, at) in shift.CommittedAt)
        {
            Assert.Equal(epoch.PreviousEpoch, id.Epoch);
            Assert.Equal(id.Sequence <= epoch.LastSequenceRecovered, verdicts.ContainsKey(id));
            if (id.Sequence > epoch.LastSequenceRecovered) lostAgesMs.Add(Math.Max(0, Stopwatch.GetElapsedTime(at, cutAt).TotalMilliseconds));
        }

        confirmed.Verdicts += shift.CommittedAt.Count;
    }

    private static int Setting(string name, int fallback) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : fallback;
}
