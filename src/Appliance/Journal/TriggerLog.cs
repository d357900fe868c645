using System.Text.Json;

namespace Appliance.Journal;

/// <summary>What became of the last triggers, so that the same id again gets the same verdict again. Bounded: the oldest are forgotten. Safe for several threads.</summary>
internal sealed class TriggerLog(int capacity)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, InspectionId?> answers = [];
    private readonly Queue<string> order = new();

    /// <summary>True for an id that is not known, which from now on it is. Remembered before it is journalled, so that of two at once only one is new.</summary>
    public bool TryAdd(string trigger)
    {
        lock (gate)
        {
            if (!answers.TryAdd(trigger, null)) return false;
            order.Enqueue(trigger);
            while (order.Count > capacity) answers.Remove(order.Dequeue());
            return true;
        }
    }

    /// <summary>Takes back an id that could not be journalled.</summary>
    public void Remove(string trigger)
    {
        // Its place in the order stays; it is dropped there when its turn comes.
        lock (gate) answers.Remove(trigger);
    }

    /// <summary>Its verdict was committed.</summary>
    public void Answer(string trigger, InspectionId verdict)
    {
        lock (gate)
        {
            if (answers.TryGetValue(trigger, out var before) && before is null) answers[trigger] = verdict;
        }
    }

    /// <summary>True for a known id; <paramref name="verdict"/> is null while it has none.</summary>
    public bool TryFind(string trigger, out InspectionId? verdict)
    {
        lock (gate) return answers.TryGetValue(trigger, out verdict);
    }

    /// <summary>The trigger in a verdict's payload; null when it names none.</summary>
    public static string? TriggerOf(ReadOnlySpan<byte> verdict)
    {
        var json = new Utf8JsonReader(verdict);
        while (json.Read())
        {
            if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName) continue;
            var found = json.ValueTextEquals("trigger"u8);
            json.Read();
            if (found) return json.GetString();
            json.Skip();
        }
        return null;
    }
}
