using Appliance.Inspection;

namespace Appliance.Demo;

/// <summary>Counts triggers sent, verdicts and messages received, one by one. Safe for several threads.</summary>
internal sealed class Reconciliation
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> triggers = new(StringComparer.Ordinal);
    private readonly Dictionary<(uint Epoch, ulong Sequence), string> identities = [];
    private int conflicting;
    private int outOfOrder;
    private ulong last;

    public void Sent(string trigger)
    {
        lock (gate) triggers.Add(trigger, 0);
    }

    /// <summary>True for an identity that is new; a repeat with the same content is delivery at least once, and no duplicate.</summary>
    public bool Received(VerdictMessage verdict, string json)
    {
        lock (gate)
        {
            if (!identities.TryAdd((verdict.Epoch, verdict.Sequence), json))
            {
                if (identities[(verdict.Epoch, verdict.Sequence)] != json) conflicting++;
                return false;
            }

            if (verdict.Sequence != last + 1) outOfOrder++;
            last = verdict.Sequence;
            if (verdict.Trigger is { } trigger && triggers.TryGetValue(trigger, out var count)) triggers[trigger] = count + 1;
            return true;
        }
    }

    public int Open
    {
        get { lock (gate) return triggers.Count(t => t.Value == 0); }
    }

    public Balance Balance
    {
        get
        {
            lock (gate)
                return new(triggers.Count, identities.Count, triggers.Count(t => t.Value == 0), triggers.Count(t => t.Value > 1) + conflicting, outOfOrder);
        }
    }

    /// <summary>The messages by identity, for comparison with the journal.</summary>
    public IReadOnlyDictionary<(uint Epoch, ulong Sequence), string> Messages
    {
        get { lock (gate) return new Dictionary<(uint, ulong), string>(identities); }
    }
}

/// <param name="Lost">Triggers without a verdict.</param>
/// <param name="Duplicated">Triggers with two verdicts, and identities with two contents.</param>
/// <param name="OutOfOrder">Verdicts that came before or after their turn.</param>
internal sealed record Balance(int Triggers, int Messages, int Lost, int Duplicated, int OutOfOrder);
