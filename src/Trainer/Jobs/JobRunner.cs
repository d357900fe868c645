using System.Diagnostics;
using System.Text.Json;
using Inference;
using Inference.Embeddings;
using Inference.Jobs;
using Trainer.Heads;

namespace Trainer.Jobs;

/// <summary>Runs one job file from kept embeddings to a verified package, telling each phase as a JSON line.</summary>
/// <param name="events">Gets one line an event; the appliance reads them.</param>
/// <param name="time">Clock of the package's date.</param>
internal sealed class JobRunner(TextWriter events, TimeProvider time)
{
    private static readonly string[] Phases = ["load", "standardise", "folds", "fit", "calibrate", "write", "verify"];
    private readonly Dictionary<string, double> phaseMs = new(StringComparer.Ordinal);
    private readonly DateTime started = Process.GetCurrentProcess().StartTime;
    private string phase = "start";
    private double since;

    /// <returns>0 when the package is written and verified, 1 when not; the last event says which and why.</returns>
    public int Run(string jobFile)
    {
        try
        {
            OwnPriority.Lower();
            Enter("load");
            var job = Read(jobFile);
            var set = Load(job);
            TorchSharp.torch.set_num_threads(OwnPriority.Threads);
            var head = HeadTrainer.Train(set, job.Seed, progress: Enter);
            Enter("write");
            var manifest = HeadPackage.Write(set, head, job.Parent, job.OutputDirectory, job.CreatedBy, time);
            Enter("verify");
            HeadPackage.Verify(job.OutputDirectory);
            Enter("done");
            Emit(new TrainingDone(job.OutputDirectory, manifest.ModelId, manifest.Metrics, phaseMs));
            return 0;
        }
        catch (Exception e)
        {
            Emit(new TrainingFailed(e is TrainingRefusedException ? e.Message : $"Training failed in phase '{phase}': {e.Message}"));
            return 1;
        }
    }

    private static TrainingJob Read(string jobFile)
    {
        if (!File.Exists(jobFile)) throw new TrainingRefusedException($"There is no job file {jobFile}.");
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(jobFile), InferenceJson.Default.TrainingJob)
                ?? throw new TrainingRefusedException($"The job file {jobFile} is empty.");
        }
        catch (JsonException e)
        {
            throw new TrainingRefusedException($"The job file {jobFile} is no training job: {e.Message}");
        }
    }

    private static TrainingSet Load(TrainingJob job)
    {
        if (job.SchemaVersion > 1) throw new TrainingRefusedException($"The job has schema version {job.SchemaVersion}; this trainer reads 1. Install the same version of both.");
        if (Directory.Exists(job.OutputDirectory)) throw new TrainingRefusedException($"The output directory {job.OutputDirectory} is there already. Name one that is not.");
        if (job.Samples.Count == 0) throw new TrainingRefusedException("The job has no samples.");
        using var reader = new EmbeddingFileReader(job.EmbeddingFile, job.Embedding);
        var values = new float[job.Samples.Count * job.Embedding.Length];
        for (var i = 0; i < job.Samples.Count; i++)
            reader.Read(job.Samples[i].Row, values.AsSpan(i * job.Embedding.Length, job.Embedding.Length));
        return new(job.Embedding, job.Samples, values, job.GoodClass);
    }

    private void Enter(string next)
    {
        var now = (time.GetLocalNow() - started).TotalMilliseconds;
        phaseMs[phase] = Math.Round(now - since, 1);
        (phase, since) = (next, now);
        var place = Array.IndexOf(Phases, next);
        if (place >= 0) Emit(new TrainingProgress(next, place / (double)Phases.Length, Math.Round(now, 1)));
    }

    private void Emit(TrainingEvent happened)
    {
        events.WriteLine(JsonSerializer.Serialize(happened, InferenceJson.Default.TrainingEvent));
        events.Flush();
    }
}
