using System.Globalization;
using Appliance.Journal;
using Appliance.Training;
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
    public bool Is(ModelPromoted? live) => ReferenceEquals(live, Against);

    /// <summary>Why the candidate does not go live by itself now that the period is over; null where it does.</summary>
    public string? RefusePromotion(TrainingOptions options)
    {
        var figures = Tally.Figures;
        var person = $"A person decides: 'appliance models promote {Begun.Model[..12]}'";
        if (!Begun.Promotes) return $"{figures.Say()}. {person}";
        // Who asked for fewer inspections gets them.
        var least = Begun.Inspections > 0 ? Math.Min(options.ShadowLeast, Begun.Inspections) : options.ShadowLeast;
        if (figures.Judged < least) return $"{figures.Say()}; it goes live by itself after {least} at least (Training:ShadowLeast). {person}";
        return figures.Contradicted > options.ShadowContradictions * figures.Judged
            ? string.Create(CultureInfo.InvariantCulture, $"{figures.Say()}; it goes live by itself with at most {options.ShadowContradictions:P2} contradictions (Training:ShadowContradictions). {person}")
            : null;
    }

    /// <summary>Whether it has lasted long enough.</summary>
    public bool IsOver(DateTimeOffset now) => now >= Begun.Until || (Begun.Inspections > 0 && Tally.Figures.Judged >= Begun.Inspections);
}
