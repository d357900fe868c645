using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Journal;
using Inference.Files;
using Microsoft.Extensions.Logging;

namespace Appliance.Messaging;

/// <summary>
/// <c>outbox.json</c>: how far the broker has acknowledged. Written before the first verdict, so that a journal with verdicts and without it has lost it: see
/// <see cref="OutboxBound.StartAnewAsync"/>.
/// </summary>
internal sealed class OutboxFile(IFileSystem files, string path, ILogger logger)
{
    private OutboxPosition? written;
    private string? told;

    /// <summary>Null where the file is missing or unreadable.</summary>
    public OutboxPosition? Read()
    {
        if (!File.Exists(path)) return null;
        try
        {
            var content = JsonSerializer.Deserialize(File.ReadAllBytes(path), OutboxJson.Default.OutboxContent);
            if (content is { Schema: 1 } && InspectionId.TryParse(content.Acknowledged, out var acknowledged) && InspectionId.TryParse(content.ResendFrom, out var from) && from <= acknowledged)
                return new OutboxPosition(acknowledged, from);
            logger.OutboxUnreadable(path, "not of schema 1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            logger.OutboxUnreadable(path, e.Message);
        }

        return null;
    }

    /// <summary>Writes when it differs from what is there. A failure is logged once until it changes: it costs messages sent twice, never one lost.</summary>
    public void Save(OutboxPosition position)
    {
        if (written == position) return;
        var content = new OutboxContent(1, position.Acknowledged.ToString(), position.ResendFrom.ToString());
        try
        {
            WholeFile.Write(files, path, JsonSerializer.SerializeToUtf8Bytes(content, OutboxJson.Default.OutboxContent));
            (written, told) = (position, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (told != e.Message) logger.OutboxNotWritten(e.Message);
            told = e.Message;
        }
    }
}

internal sealed record OutboxContent(int Schema, string Acknowledged, string ResendFrom);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OutboxContent))]
internal sealed partial class OutboxJson : JsonSerializerContext;
