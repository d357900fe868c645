using System.Diagnostics;
using System.Text.Json;
using Inference;
using Inference.Embeddings;
using Inference.Files;
using Inference.Jobs;
using Inference.Packages;
using Trainer.Heads;
using Trainer.Tests.Heads;

namespace Trainer.Tests.Jobs;

public sealed class JobRunTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("job").FullName;

    private string Package => Path.Combine(folder, "model");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Run_LabelledEmbeddings_WritesPackageAndTellsEachPhase()
    {
        var ended = await TrainerProgram.Run("run", Write(Synthetic.Set(20, "good", "scratch", null)));

        Assert.Equal(0, ended.ExitCode);
        var events = Events(ended);
        Assert.Equal(["load", "standardise", "folds", "fit", "calibrate", "write", "verify"], events.OfType<TrainingProgress>().Select(p => p.Phase));
        var done = Assert.IsType<TrainingDone>(events[^1]);
        var manifest = PackageReader.Read(Package).Manifest;
        Assert.Equal(manifest.ModelId, done.ModelId);
        Assert.Equal(["good", "scratch"], manifest.Classes);
        Assert.Equal(40, manifest.OutOfFold.Count);
        Assert.Contains("fit", done.PhaseMs.Keys);
    }

    [Theory]
    [InlineData(20, "Only one class is labelled ('good' with 10 parts): a head needs the good class and at least one defect, each with two parts at least", "good")]
    [InlineData(20, "No class has labelled parts to train on", null, null)]
    [InlineData(20, "label is empty", "good", "")]
    [InlineData(20, "differ by case only", "good", "Pit", "pit")]
    [InlineData(4, "over 2 classes ('good' with 2 parts, 'pit' with 2)", "good", "pit")]
    public async Task Run_UnusableLabels_FailsWithReasonAndWritesNothing(int perClass, string reason, params string?[] labels)
    {
        var ended = await TrainerProgram.Run("run", Write(Synthetic.Set(perClass, labels)));

        AssertFailed(ended, reason);
        Assert.False(Directory.Exists(Package));
    }

    [Fact]
    public async Task Run_NoJobFile_FailsWithItsPath() => AssertFailed(await TrainerProgram.Run("run", Path.Combine(folder, "none.json")), "none.json");

    [Fact]
    public async Task Run_JobOfANewerVersion_AsksForTheSameVersion() =>
        AssertFailed(await TrainerProgram.Run("run", Write(Synthetic.Set(20, "good", "pit"), job => job with { SchemaVersion = 9 })), "schema version 9");

    [Fact]
    public async Task Run_RowThatIsNotKept_NamesTheRow()
    {
        var job = Write(Synthetic.Set(20, "good", "pit"), job => job with { Samples = [.. job.Samples, new("x", "x", 4000, "pit")] });

        AssertFailed(await TrainerProgram.Run("run", job), "Row 4000");
    }

    [Fact]
    public async Task Run_OutputIsThere_LeavesItAlone()
    {
        Directory.CreateDirectory(Package);
        File.WriteAllText(Path.Combine(Package, "mine"), "");

        AssertFailed(await TrainerProgram.Run("run", Write(Synthetic.Set(20, "good", "pit"))), "is there already");
        Assert.True(File.Exists(Path.Combine(Package, "mine")));
    }

    [Fact]
    public async Task Run_AttachedToAServiceThatIsGone_Ends()
    {
        // A job file that never comes.
        var job = Path.Combine(folder, "job");
        using (var make = Process.Start("mkfifo", job)) Assert.Equal(0, await make.EndsAsync());
        var start = new ProcessStartInfo(TrainerProgram.File, ["run", job, "--attached"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var trainer = Process.Start(start)!;
        Assert.Contains("load", await trainer.StandardOutput.ReadLineAsync(Until.Cancellation), StringComparison.Ordinal);

        trainer.StandardInput.Close();

        Assert.Equal(137, await trainer.EndsAsync());
    }

    private static void AssertFailed(TrainerProgram.Ended ended, string reason)
    {
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(reason, Assert.IsType<TrainingFailed>(Events(ended)[^1]).Reason, StringComparison.Ordinal);
    }

    private static List<TrainingEvent> Events(TrainerProgram.Ended ended) =>
        [.. ended.Output.TrimEnd().Split('\n').Select(line => JsonSerializer.Deserialize(line, InferenceJson.Default.TrainingEvent)!)];

    private string Write(TrainingSet set, Func<TrainingJob, TrainingJob>? change = null)
    {
        var file = Path.Combine(folder, "embeddings");
        using (var writer = new EmbeddingFileWriter(LinuxFileSystem.Instance, file, set.Embedding))
        {
            for (var i = 0; i < set.Samples.Count; i++) writer.Append(1, (ulong)i + 1, set.Row(i));
            writer.Sync();
        }

        var job = new TrainingJob
        {
            JobId = "test", Embedding = set.Embedding, EmbeddingFile = file, BackboneFile = "", Samples = set.Samples,
            GoodClass = set.GoodClass, OutputDirectory = Package, CreatedBy = "test",
        };
        var path = Path.Combine(folder, "job.json");
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(change is null ? job : change(job), InferenceJson.Default.TrainingJob));
        return path;
    }
}
