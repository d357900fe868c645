using Appliance.Journal;
using Inference.Packages;

namespace Appliance.Models;

/// <summary>What is live: the promotion, and the model's package with the policy that it is live with.</summary>
internal sealed record StandingModel(ModelPromoted Promotion, ModelPackage Package);

/// <summary>A model that shall be live.</summary>
/// <param name="Package">With the policy that it shall be live with; read and verified.</param>
/// <param name="Against">What was live when it was judged; null for nothing. When something else is by now, the judgement does not hold.</param>
/// <param name="OverrideMustCatch">A person answers for must-catch samples that it passes, or that cannot be judged.</param>
internal sealed record PromotionRequest(ModelPackage Package, ModelPromoted? Against, string By, string Why, bool OverrideMustCatch = false);

/// <summary>How a promotion came out.</summary>
internal enum PromotionOutcome
{
    /// <summary>It is live.</summary>
    Promoted,

    /// <summary>Something else went live since it was judged: judge again.</summary>
    Overtaken,

    /// <summary>It would pass must-catch samples as good, or some cannot be judged.</summary>
    MissesMustCatch,

    /// <summary>It does not load, or is live already.</summary>
    Refused,
}

/// <param name="Promoted">The promotion; null when it is not promoted.</param>
/// <param name="Refusal">Why not; null when it is promoted.</param>
internal readonly record struct PromotionAnswer(PromotionOutcome Outcome, ModelPromoted? Promoted, string? Refusal);
