using Appliance.Journal;
using Inference.Decisions;

namespace Appliance.Samples;

/// <summary>
/// How much a label of a sample would tell, 0 to 1: what the model's most probable class leaves to all others (least confidence; Lewis and Gale 1994). What no model
/// judged, or what is unlike anything that it was trained on, is 1. Without an embedding it is 0: nothing can be learnt from it.
/// </summary>
internal static class Uncertainty
{
    public static double Of(SampleKept kept) => kept switch
    {
        { Row: < 0 } => 0,
        { Class: null } or { Reason: Reasons.Unseen } => 1,
        _ => Math.Clamp(1 - (double)kept.Probability, 0, 1),
    };
}
