using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Messaging;

namespace Appliance.Samples;

/// <summary>A label that was taken, or why not. <see cref="Missing"/> tells that there is no such sample.</summary>
internal readonly record struct LabelAnswer(SampleLabelled? Fact, string? Refusal, bool Missing);

/// <summary>Takes labels from people and their tools. Acknowledged is what the journal has on disk; a relabel keeps the history.</summary>
internal sealed class LabelDesk(ApplianceOptions options, StationJournal journal, SampleIndex index, MissingSample missing, TimeProvider time)
{
    public const int MaxLabelLength = 64;

    /// <summary>Raised after each label, on the thread that gave it.</summary>
    public event Action? Labelled;

    public async Task<LabelAnswer> LabelAsync(string sample, string label, string by, CancellationToken cancellation)
    {
        if (RefuseText("label", label) is { } badLabel) return new(null, badLabel, false);
        if (RefuseText("name of who labels", by) is { } badName) return new(null, badName, false);
        // One label at a time: what it was before is read and written together.
        await index.Turn.WaitAsync(cancellation);
        try
        {
            if (index.ById(sample) is not { } known) return new(null, missing.Say(sample), true);
            if (Twin(label, known.Label) is { } twin) return new(null, Differs(label, twin), false);
            var fact = new SampleLabelled(sample, label, known.Label, by, IsNew(label) ? true : null) { At = time.GetUtcNow() };
            await journal.AppendDurableAsync(fact, CancellationToken.None);
            index.Apply(fact);
            Labelled?.Invoke();
            return new(fact, null, false);
        }
        finally
        {
            index.Turn.Release();
        }
    }

    /// <summary>Why a text that goes into the record is refused; null when it is not.</summary>
    public static string? RefuseText(string what, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return $"The {what} is empty.";
        if (text.Length > MaxLabelLength) return $"The {what} has {text.Length} characters; it takes at most {MaxLabelLength}.";
        if (!Printable.IsPlain(text) || text != text.Trim()) return $"The {what} has control or invisible characters, or spaces at its ends.";
        return null;
    }

    /// <summary>Whether no sample has this class, and it is not that of good parts.</summary>
    public bool IsNew(string label) => label != options.GoodClass && index.CountByLabel().GetValueOrDefault(label) == 0;

    /// <summary>Why a class is refused that differs from one there is by case only; null when it is not.</summary>
    public string? RefuseTwin(string label) => Twin(label, null) is { } twin ? Differs(label, twin) : null;

    /// <summary>Labels came by another way than this desk.</summary>
    public void Tell() => Labelled?.Invoke();

    private static string Differs(string label, string twin) => $"'{label}' differs from the class '{twin}' by case only. Use '{twin}'.";

    // A class that lives in this sample alone may be respelt.
    private string? Twin(string label, string? replaced) => index.CountByLabel()
        .Where(c => c.Value > (c.Key == replaced ? 1 : 0)).Select(c => c.Key).Append(options.GoodClass)
        .FirstOrDefault(name => name != label && string.Equals(name, label, StringComparison.OrdinalIgnoreCase));
}
