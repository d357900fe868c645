using Appliance.Journal;
using Inference.Packages;

namespace Appliance.Models.Shadows;

/// <summary>The period that runs.</summary>
/// <param name="Package">The candidate, with the policy that it would go live with.</param>
/// <param name="Against">The promotion of the live model.</param>
internal sealed record ShadowRun(ShadowBegun Begun, ModelPackage Package, ModelPromoted Against, ShadowTally Tally)
{
    private volatile string? failure;

    /// <summary>Why the candidate judges no more; null while it does. Set by the judging thread.</summary>
    public string? Failure
    {
        get => failure;
        set => failure = value;
    }

    public ShadowView View => new(Begun, Tally.Figures);

    /// <summary>Whether what is live is still what it began beside.</summary>
    public bool Is(ModelPromoted? live) => (live?.Model, live?.Policy, live?.At) == (Against.Model, Against.Policy, Against.At);

    /// <summary>Whether it has lasted long enough.</summary>
    public bool IsOver(DateTimeOffset now) => now >= Begun.Until || (Begun.Inspections > 0 && Tally.Figures.Judged >= Begun.Inspections);
}
