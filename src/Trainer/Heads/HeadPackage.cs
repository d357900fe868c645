using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Inference.Files;
using Inference.Heads;
using Inference.Packages;
using Inference.Runtime;
using Inference.Slots;

namespace Trainer.Heads;

/// <summary>Turns a trained head into a model package on disk: graph, parity gate, canaries, manifest, policy.</summary>
public static class HeadPackage
{
    private const int CanaryCount = 8;

    /// <param name="set">What it was trained on.</param>
    /// <param name="head">The head.</param>
    /// <param name="parent">Model live at the time, or null.</param>
    /// <param name="directory">Must not exist.</param>
    /// <param name="createdBy">Person or program.</param>
    /// <param name="time">Clock of the manifest's date.</param>
    /// <exception cref="TrainingRefusedException">The graph does not say what the fit says.</exception>
    public static ModelManifest Write(TrainingSet set, TrainedHead head, string? parent, string directory, string createdBy, TimeProvider time)
    {
        var onnx = HeadGraph.Build(head.Head, head.Classes, set.Embedding.Length);
        using var session = ParityGate.Open(onnx, set.Embedding.Length, head.Classes.Count);
        ParityGate.Check(set, head, session);
        var sha = Convert.ToHexStringLower(SHA256.HashData(onnx));
        var manifest = new ModelManifest
        {
            ModelId = ModelIdentity.Compute(sha, set.Embedding.Identity, head.Classes, set.GoodClass, head.Head.Temperature),
            Parent = parent,
            Classes = head.Classes,
            GoodClass = set.GoodClass,
            Embedding = set.Embedding,
            HeadSha256 = sha,
            Temperature = head.Head.Temperature,
            Canaries = Canaries(set, head, session),
            OutOfFold = head.OutOfFold,
            SnapshotSha256 = Snapshot(set),
            Metrics = head.Metrics,
            Choices = head.Choices,
            CreatedAt = time.GetUtcNow(),
            CreatedBy = createdBy,
        };
        PackageWriter.Write(LinuxFileSystem.Instance, directory, manifest, onnx, head.Policy);
        return manifest;
    }

    /// <summary>Reads a package back and loads it the way the appliance does, canaries included. One that fails is deleted.</summary>
    /// <exception cref="TrainingRefusedException">It cannot be read or loaded.</exception>
    public static void Verify(string directory)
    {
        var problem = Problem(directory);
        if (problem is null) return;
        Directory.Delete(directory, recursive: true);
        throw new TrainingRefusedException($"The package that was written to {directory} does not load: {problem} It was deleted. Check the disk, then train again.");
    }

    private static string? Problem(string directory)
    {
        try
        {
            var package = PackageReader.Read(directory);
            using var slot = new ModelSlot(package.Manifest.Embedding, RuntimeOptions.Default);
            var (model, reason) = slot.Load(package);
            model?.Dispose();
            return reason;
        }
        catch (PackageException e)
        {
            return e.Message;
        }
    }

    /// <summary>SHA-256 over the sorted sample ids, parts, labels and rows.</summary>
    internal static string Snapshot(TrainingSet set)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var s in set.Samples.OrderBy(s => s.Sample, StringComparer.Ordinal).ThenBy(s => s.Row))
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{s.Sample}\t{s.Part}\t{s.Label}\t{s.Row}\n")));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Taken in turn from the classes; expected is what the runtime says of the half-precision values that the manifest keeps.
    private static List<Canary> Canaries(TrainingSet set, TrainedHead head, HeadSession session)
    {
        var turns = head.Labelled.GroupBy(r => set.Samples[r].Label, StringComparer.Ordinal).Select(g => g.ToList()).ToList();
        var rows = Enumerable.Range(0, turns.Max(t => t.Count)).SelectMany(i => turns.Where(t => i < t.Count).Select(t => t[i]));
        var canaries = new List<Canary>();
        var half = new Half[set.Embedding.Length];
        var values = new float[set.Embedding.Length];
        foreach (var row in rows.Take(Math.Max(CanaryCount, turns.Count)))
        {
            var source = set.Row(row);
            for (var i = 0; i < half.Length; i++) values[i] = (float)(half[i] = (Half)source[i]);
            var output = session.Run(values);
            canaries.Add(new(Convert.ToBase64String(MemoryMarshal.AsBytes(half.AsSpan())), output.Probabilities.ToArray(), output.Distance));
        }

        return canaries;
    }
}
