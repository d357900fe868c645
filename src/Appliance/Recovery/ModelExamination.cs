using System.Security.Cryptography;
using Appliance.Journal;
using Inference.Packages;

namespace Appliance.Recovery;

/// <summary>Examines model packages by their sums and backbones by their names. A repair moves damaged ones aside.</summary>
internal static class ModelExamination
{
    /// <summary>Number of models.</summary>
    public static int Run(Examination exam)
    {
        // First: one that is moved aside is missing to its models.
        CheckBackbones(exam);
        var (store, models) = (new ModelStore(exam.Files, exam.State), Path.Combine(exam.State, "models"));
        var ids = Directory.Exists(models) ? Directory.EnumerateDirectories(models).Select(d => Path.GetFileName(d)).Where(n => !n.StartsWith('.')).Order(StringComparer.Ordinal).ToList() : [];
        foreach (var id in ids)
        {
            exam.Progress.Say($"model {id}");
            CheckModel(exam, store, Path.Combine(models, id), id);
        }
        foreach (var id in exam.Facts.OfType<ModelPromoted>().Select(p => p.Model).Distinct().Except(ids).Except(Aside(exam))) AddMissing(exam, Path.Combine(models, id), id);
        return ids.Count;
    }

    private static void CheckModel(Examination exam, ModelStore store, string directory, string id)
    {
        try
        {
            CheckBackbone(exam, id, store.Read(id).Manifest.Embedding.Backbone);
        }
        catch (PackageException e) when (e.InnerException is IOException or UnauthorizedAccessException)
        {
            exam.AddUnreadable("model", directory, e.InnerException);
        }
        catch (PackageException e)
        {
            exam.Add("model", directory, e.Message, "the model cannot go live. If it was, the one behind it takes over at the next start", Remedy.Lost);
            exam.SetAside(directory, e.Message);
        }
    }

    private static void CheckBackbone(Examination exam, string model, string backbone)
    {
        var path = Path.Combine(exam.State, "backbones", backbone + ".onnx");
        if (Path.Exists(path)) return;
        var name = Path.Combine("backbones", backbone + ".onnx");
        var named = exam.Facts.Concat(exam.Told).OfType<FileSetAside>().Any(f => f.Path == name);
        exam.Add("backbone", path, "it is missing", $"model {model} cannot go live, unless it is the configured one, which the next start puts there anew", named ? Remedy.Named : Remedy.Lost);
        if (named || exam.Quarantine is null) return;
        exam.Tell(new FileSetAside(name, "", $"the backbone of model {model} is missing") { At = exam.Time.GetUtcNow() });
    }

    private static void AddMissing(Examination exam, string directory, string id)
    {
        const string missing = "the package of a promoted model is missing";
        exam.Add("model", directory, missing, "it cannot be gone back to. If it was live, the one behind it takes over at the next start", Remedy.Lost);
        if (exam.Quarantine is not null) exam.Tell(new FileSetAside(Path.Combine("models", id), "", missing) { At = exam.Time.GetUtcNow() });
    }

    private static IEnumerable<string> Aside(Examination exam) =>
        exam.Facts.Concat(exam.Told).OfType<FileSetAside>().Select(f => f.Path).Where(p => p.StartsWith("models/", StringComparison.Ordinal)).Select(p => Path.GetFileName(p));

    private static void CheckBackbones(Examination exam)
    {
        var backbones = Path.Combine(exam.State, "backbones");
        if (!Directory.Exists(backbones)) return;
        foreach (var path in Directory.EnumerateFiles(backbones, "*.onnx").Where(p => !Path.GetFileName(p).StartsWith('.')).Order(StringComparer.Ordinal))
        {
            if (IsWhole(exam, path)) continue;
            const string altered = "its content is not what its name says";
            exam.Add("backbone", path, altered, "the next start puts the configured one there anew; models of another one cannot go live", Remedy.Restored);
            exam.SetAside(path, altered);
        }
    }

    private static bool IsWhole(Examination exam, string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file)) == Path.GetFileNameWithoutExtension(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            exam.AddUnreadable("backbone", path, e);
            return true;
        }
    }
}
