using System.Text.Json;

namespace Appliance.Messaging;

/// <summary>Finds the topic of a journal record from its <c>camera</c>, without an allocation for cameras seen before. One user at a time.</summary>
internal sealed class VerdictTopics(Topics topics)
{
    private readonly List<(byte[] Camera, string Topic)> known = [];

    public string Of(ReadOnlySpan<byte> record)
    {
        var camera = CameraOf(record);
        foreach (var (name, topic) in known)
            if (camera.SequenceEqual(name)) return topic;
        var text = System.Text.Encoding.UTF8.GetString(camera);
        // Options take safe names only; a record that has another one is still delivered.
        var made = topics.Verdicts(TopicNames.IsSafe(text) ? text : "unknown");
        known.Add((camera.ToArray(), made));
        return made;
    }

    private static ReadOnlySpan<byte> CameraOf(ReadOnlySpan<byte> record)
    {
        var reader = new Utf8JsonReader(record);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
            if (!reader.ValueTextEquals("camera"u8))
            {
                reader.Skip();
                continue;
            }

            reader.Read();
            return reader.TokenType == JsonTokenType.String ? reader.ValueSpan : default;
        }

        return default;
    }
}
