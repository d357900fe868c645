using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Journal;
using Inference.Files;
using Microsoft.Extensions.Logging;

namespace Appliance.Models.Shadows;

/// <summary>
/// <c>shadow.json</c>: the figures of the period that runs, so that a restart goes on counting. Written every ten seconds and at a stop; what came after the last writing
/// of a killed process is not counted. Facts say that the period runs, and how it ended.
/// </summary>
internal sealed class ShadowRecord(IFileSystem files, string stateDirectory, ILogger logger)
{
    private readonly string path = Path.Combine(stateDirectory, "shadow.json");

    /// <summary>The figures of this period; null where there are none that can be read.</summary>
    public ShadowFigures? Read(ShadowBegun begun)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var content = JsonSerializer.Deserialize(File.ReadAllBytes(path), ShadowJson.Default.ShadowContent);
            return content is { Schema: 1, Figures: { Changed: not null, Newest: not null } figures } && content.Model == begun.Model && content.BegunAt == begun.At ? figures : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            logger.FiguresUnreadable(path, e.Message);
            return null;
        }
    }

    public void Save(ShadowBegun begun, ShadowFigures figures)
    {
        try
        {
            WholeFile.Write(files, path, JsonSerializer.SerializeToUtf8Bytes(new ShadowContent(1, begun.Model, begun.At, figures), ShadowJson.Default.ShadowContent));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.FiguresNotWritten(path, e.Message);
        }
    }

    public void Remove()
    {
        try
        {
            files.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It names the period that it is of: no other one reads it.
            logger.FiguresNotWritten(path, e.Message);
        }
    }
}

internal sealed record ShadowContent(int Schema, string Model, DateTimeOffset BegunAt, ShadowFigures Figures);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ShadowContent))]
internal sealed partial class ShadowJson : JsonSerializerContext;
