using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Samples;

namespace Appliance.Messaging;

/// <summary>The payload of <c>inspection/{station}/command</c>. Comes from anyone at the broker, so everything is checked.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record LineCommand(string? Command, string? By, string? Why)
{
    /// <summary>Valid after <see cref="TryParse"/>.</summary>
    [JsonIgnore]
    public bool Pauses => Command == "pause";

    /// <summary>False with a sentence that says what is wrong; never throws.</summary>
    public static bool TryParse(in ReadOnlySequence<byte> payload, out LineCommand command, out string problem)
    {
        command = new(null, null, null);
        if (payload.Length > TriggerCommand.SizeLimitBytes)
        {
            problem = $"The command has {payload.Length} bytes; it takes at most {TriggerCommand.SizeLimitBytes}.";
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(payload);
            command = JsonSerializer.Deserialize(ref reader, CommandJson.Default.LineCommand) ?? command;
            while (reader.Read()) throw new JsonException("more follows after the object");
            problem = command.Error() ?? "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            problem = "The command is not the JSON expected; it takes an object with command, by and why, all text, such as {\"command\":\"pause\",\"by\":\"anna\",\"why\":\"tool change\"}.";
        }

        return problem.Length == 0;
    }

    private string? Error()
    {
        if (Command is not ("pause" or "resume")) return $"There is no command '{Printable.Shorten(Command)}'; there are pause and resume.";
        return LabelDesk.RefuseText("name of who asks for it in 'by'", By) ?? (Why is null ? null : LabelDesk.RefuseText("reason in 'why'", Why));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false, MaxDepth = 4)]
[JsonSerializable(typeof(LineCommand))]
internal sealed partial class CommandJson : JsonSerializerContext;
