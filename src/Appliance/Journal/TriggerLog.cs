using System.Text.Json;

namespace Appliance.Journal;

/// <summary>
/// What became of the triggers, so that the same id again gets the same verdict again. One without verdict is never forgotten; of the
/// answered ones the last <paramref name="capacity"/> are remembered. Safe for several threads.
/// </summary>
internal sealed class TriggerLog(int capacity)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, InspectionId?> answers = new(StringComparer.Ordinal);
    private readonly Queue<string> answered = new();

    /// <summary>Triggers that are to get a verdict.</summary>
    public IReadOnlyList<string> Open
    {
        get
        {
            lock (gate) return [.. answers.Where(a => a.Value is null).Select(a => a.Key)];
        }
    }

    /// <summary>True for an id that is not known, which from now on it is. Remembered before it is journalled, so that of two at once only one is new.</summary>
    public bool TryAdd(string trigger)
    {
        lock (gate) return answers.TryAdd(trigger, null);
    }

    /// <summary>Takes back an id that could not be journalled.</summary>
    public void Remove(string trigger)
    {
        lock (gate)
            if (answers.TryGetValue(trigger, out var verdict) && verdict is null) answers.Remove(trigger);
    }

    /// <summary>Its verdict was committed.</summary>
    public void Answer(string trigger, InspectionId verdict)
    {
        lock (gate)
        {
            if (!answers.TryGetValue(trigger, out var before) || before is not null) return;
            answers[trigger] = verdict;
            answered.Enqueue(trigger);
            while (answered.Count > capacity) answers.Remove(answered.Dequeue());
        }
    }

    /// <summary>True for a known id; <paramref name="verdict"/> is null while it has none.</summary>
    public bool TryFind(string trigger, out InspectionId? verdict)
    {
        lock (gate) return answers.TryGetValue(trigger, out verdict);
    }

    /// <summary>True while the trigger is accepted and has no verdict.</summary>
    public bool IsOpen(string trigger) => TryFind(trigger, out var verdict) && verdict is null;

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
