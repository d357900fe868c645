using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Messaging;

/// <summary>The payload of <c>inspection/{station}/trigger</c>. Comes from anyone at the broker, so everything is checked.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TriggerCommand(
    string? Id = null, string? Camera = null, string? Part = null, string? Recipe = null, [property: JsonNumberHandling(JsonNumberHandling.Strict)] int? DeadlineMs = null)
{
    public const int DeadlineLimitMs = 600_000;

    public const int SizeLimitBytes = 4096;

    public const int TextLimit = 128;

    /// <summary>False with a sentence that says what is wrong, and of the command as much as its id where that can be read; never throws. An empty payload is a trigger for the only camera.</summary>
    public static bool TryParse(in ReadOnlySequence<byte> payload, out TriggerCommand command, out string problem)
    {
        command = new();
        problem = "";
        if (payload.Length > SizeLimitBytes)
        {
            problem = $"The command has {payload.Length} bytes; it takes at most {SizeLimitBytes}.";
            return false;
        }

        if (payload.IsEmpty) return true;
        if (!TryRead(payload, ref command, ref problem)) return false;
        problem = command.Errors().FirstOrDefault() ?? "";
        return problem.Length == 0;
    }

    private static bool TryRead(in ReadOnlySequence<byte> payload, ref TriggerCommand command, ref string problem)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            var read = JsonSerializer.Deserialize(ref reader, TriggerJson.Default.TriggerCommand);
            while (reader.Read()) throw new JsonException("more follows after the object");
            if (read is null) problem = "The command is null; it takes an object such as {\"id\":\"t-1\",\"part\":\"p-1\"}.";
            else command = read;
            return read is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            var member = (e as JsonException)?.Path is { Length: > 2 } path ? $" at '{Printable.Shorten(path[2..])}'" : "";
            command = new(ReadId(payload));
            problem = $"The command is not the JSON expected{member}; it takes an object with only id, camera, part and recipe, all text, and deadlineMs, a whole number, such as {{\"id\":\"t-1\",\"part\":\"p-1\"}}.";
            return false;
        }
    }

    // Whoever sent it looks for the refusal by this.
    private static string? ReadId(in ReadOnlySequence<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName) continue;
                var isId = reader.ValueTextEquals("id"u8);
                reader.Read();
                if (isId) return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not even so far is it JSON.
        }

        return null;
    }

    /// <summary>Null takes the station's.</summary>
    [JsonIgnore]
    public TimeSpan? Deadline => DeadlineMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null;

    internal IEnumerable<string> Errors()
    {
        if (DeadlineMs is < 1 or > DeadlineLimitMs) yield return $"deadlineMs is {DeadlineMs}; it takes 1 to {DeadlineLimitMs}.";
        foreach (var (key, value) in new[] { ("id", Id), ("part", Part) })
        {
            if (value is { Length: 0 or > TextLimit }) yield return $"{key} has {value.Length} characters; it takes 1 to {TextLimit}.";
            if (value is not null && !Printable.IsPlain(value)) yield return $"{key} has control or invisible characters, or characters outside the basic plane; leave them out.";
        }

        foreach (var (key, value) in new[] { ("camera", Camera), ("recipe", Recipe) })
            if (value is not null && !TopicNames.IsSafe(value)) yield return $"{key} is '{Printable.Shorten(value)}'; it takes {TopicNames.Rule}.";
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, MaxDepth = 4)]
[JsonSerializable(typeof(TriggerCommand))]
internal sealed partial class TriggerJson : JsonSerializerContext;
