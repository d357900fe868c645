using Appliance.Journal;
using Appliance.Samples;
using Appliance.Tests.Hosting;
using Appliance.Tests.Training;
using Inference.Backbones;
using Inference.Embeddings;
using Inference.Files;
using Inference.Packages;
using Inference.Runtime;
using Testing.Files;

namespace Appliance.Tests.Faults;

/// <summary>
/// Capture, sample, trigger, label, training round, swap and restart, again and again, with another file operation failing each time: journal, pictures,
/// embeddings, packages, jobs and LiteDB. <c>APPLIANCE_FAULT_STRIDE=1</c> tries every operation also for the two worse disks.
/// </summary>
public sealed class EveryOperationTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
    private readonly BackboneSession backbone = BackboneSession.Load(TestModel.Fixture("backbone"), null, new RuntimeOptions { Threads = 1 });

    public void Dispose()
    {
        backbone.Dispose();
        directory.Dispose();
    }

    [Theory]
    [InlineData("once", 1)]
    [InlineData("torn", 5)]
    [InlineData("from then on", 5)]
    public async Task AnyOperationFails_WhatWasConfirmedIsCompleteAndTheRestAbsent(string how, int stride)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("APPLIANCE_FAULT_STRIDE"), out var asked)) stride = asked;
        var (byHand, trainer) = Prepare();
        var first = stride == 1 ? 1 : 1 + Environment.ProcessId % stride;
        for (var failAt = first; ; failAt += stride)
        {
            var files = new FaultyFileSystem(LinuxFileSystem.Instance) { FailAt = failAt, TornWrites = how == "torn", KeepFailing = how == "from then on" };
            var run = $"operation {failAt} fails {how}";
            await TryAsync(files, byHand, trainer, run);
            if (files.Operations >= failAt) continue;
            output.WriteLine($"{files.Operations} operations, every {stride} from {first} on");
            return;
        }
    }

    /// <summary>A day's work and a restart on the failing disk, then another start on a healthy one.</summary>
    private async Task TryAsync(FaultyFileSystem files, string byHand, string trainer, string run)
    {
        var state = directory[Guid.NewGuid().ToString("n")];
        var acknowledged = new Acknowledged();
        for (var day = 1; day <= 2; day++)
        {
            if (await OpenAsync(files, state, trainer) is not { } station) continue;
            await using (station)
            {
                if (day == 1) await new Workday(station, acknowledged).RunAsync(day, byHand);
            }
        }

        files.FailAt = 0;
        await using (var healthy = await FaultyStation.OpenAsync(files, state, trainer, backbone))
        {
            new StationCheck(healthy, state, backbone, run).All(acknowledged);
            healthy.Inspect(99);
            await healthy.StoredAsync();
            new StationCheck(healthy, state, backbone, run + ", and afterwards").All(acknowledged);
        }

        Directory.Delete(state, recursive: true);
    }

    // A start that is refused is fine; the next one may come to the same operation.
    private async Task<FaultyStation?> OpenAsync(FaultyFileSystem files, string state, string trainer)
    {
        try
        {
            return await FaultyStation.OpenAsync(files, state, trainer, backbone);
        }
        catch (Exception e) when (e is JournalException or IOException or LiteDB.LiteException or IndexUnavailableException or PackageException or EmbeddingFileException)
        {
            return null;
        }
    }

    private (string ByHand, string Trainer) Prepare()
    {
        var outOfFold = Enumerable.Range(1, 2).Select(i => TestModel.Unseen($"1-{i}", $"p1{i}", "scratch", 0.1f)).ToList();
        var trained = TestModel.Write(directory["trained"], backbone.Embedding, 3, outOfFold);
        return (TestModel.Write(directory["by-hand"], backbone.Embedding), TrainerScript.Write(directory["trainer.sh"], TrainerScript.Delivers(trained)));
    }
}
