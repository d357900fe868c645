using Inference.Backbones;
using Inference.Embeddings;
using Inference.Preparation;
using Inference.Runtime;

namespace Trainer.DataSets;

/// <summary>A data set after the backbone: row i of the values is photograph i.</summary>
/// <param name="Embedding">What the values are.</param>
/// <param name="Photographs">Those that could be read.</param>
/// <param name="Values">[photographs, D], rounded to half precision as kept ones are.</param>
/// <param name="Skipped">Photographs that could not be read, with the reason.</param>
public sealed record EmbeddedDataSet(EmbeddingSpec Embedding, IReadOnlyList<Photograph> Photographs, float[] Values, IReadOnlyList<string> Skipped);

/// <summary>Prepares photographs and runs the backbone over them, with the code that inspection uses.</summary>
public static class FolderEmbedder
{
    /// <param name="data">The photographs.</param>
    /// <param name="backbone">ONNX file of the backbone.</param>
    /// <param name="preparation">As the model asks; null takes the whole picture.</param>
    /// <param name="progress">Told pictures done and in all.</param>
    public static EmbeddedDataSet Embed(FolderDataSet data, string backbone, PreparationSpec? preparation, Action<int, int>? progress = null)
    {
        using var session = BackboneSession.Load(backbone, preparation, RuntimeOptions.Default);
        using var preparer = new ImagePreparer(session.Embedding.Preparation);
        var values = new List<float>();
        var photographs = new List<Photograph>();
        var skipped = new List<string>();
        foreach (var photograph in data.Photographs)
        {
            if (Problem(Path.Combine(data.Folder, photograph.File), preparer, session.InputBuffer) is { } problem) skipped.Add($"{photograph.File}: {problem}");
            else
            {
                session.Run();
                photographs.Add(photograph);
                foreach (var value in session.EmbeddingValues) values.Add((float)(Half)value);
            }

            progress?.Invoke(photographs.Count + skipped.Count, data.Photographs.Count);
        }

        return new(session.Embedding, photographs, [.. values], skipped);
    }

    private static string? Problem(string path, ImagePreparer preparer, Span<byte> destination)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }

        using var decoded = PictureDecoder.Decode(bytes);
        if (decoded.Picture is not { } picture) return decoded.Problem;
        var prepared = preparer.Prepare(picture, destination);
        return prepared.Succeeded ? null : prepared.Detail ?? prepared.Reason;
    }
}
