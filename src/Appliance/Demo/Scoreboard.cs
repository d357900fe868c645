using Appliance.Inspection;
using Appliance.Training;

namespace Appliance.Demo;

/// <summary>
/// Scores the first inspection of every part. No snapshot can hold a part that was never inspected before, so every scored
/// verdict is of a part that the judging model has not seen. Safe for several threads.
/// </summary>
internal sealed class Scoreboard(Truth truth)
{
    private const int NewestParts = 100;
    private readonly Lock gate = new();
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly List<(string? Model, string Truth, string? Said)> scored = [];
    private readonly List<string> models = [];

    public void Take(VerdictMessage verdict)
    {
        lock (gate)
        {
            if (verdict.Model is { } model && !models.Contains(model)) models.Add(model);
            if (verdict.Part is not { } part || !seen.Add(part) || truth.Of(part, verdict.Source) is not { } real) return;
            scored.Add((verdict.Model, real, verdict.Class));
        }
    }

    /// <summary>Macro-F1 of the parts judged by a model, null for none; null where there are no such parts.</summary>
    public (double? MacroF1, int Parts) Of(string? model)
    {
        lock (gate)
        {
            var mine = scored.Where(s => s.Model == model).ToList();
            return (mine.Count == 0 ? null : MacroF1.Of([.. mine.Select(s => (s.Truth, s.Said))]), mine.Count);
        }
    }

    /// <summary>Macro-F1 of the newest parts that a model judged, at most 100; null while there are none.</summary>
    public (double? MacroF1, int Parts) Newest
    {
        get
        {
            lock (gate)
            {
                var newest = scored.Where(s => s.Model is not null).TakeLast(NewestParts).ToList();
                return (newest.Count == 0 ? null : MacroF1.Of([.. newest.Select(s => (s.Truth, s.Said))]), newest.Count);
            }
        }
    }

    /// <summary>Models in the order in which they first judged.</summary>
    public IReadOnlyList<string> Models
    {
        get { lock (gate) return [.. models]; }
    }
}
