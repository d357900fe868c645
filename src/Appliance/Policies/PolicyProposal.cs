using Inference.Decisions;

namespace Appliance.Policies;

/// <summary>Thresholds for an objective with what to expect of them, or why there are none.</summary>
/// <param name="Policy">Null when the objective cannot be met, or not be promised.</param>
/// <param name="Expected">What to expect of the policy; null without one.</param>
/// <param name="Why">In words: the choice, or what is missing.</param>
/// <param name="Parts">The labelled parts that it was chosen by.</param>
/// <param name="MoreBadParts">How many more labelled bad parts a promise needs, none of them passed; 0 when it does not lack them.</param>
internal sealed record PolicyProposal(PolicyObjective Objective, DecisionPolicy? Policy, string? PolicyId, PolicyExpectation? Expected, string Why, int MoreBadParts, PartsUsed? Parts = null);

/// <summary>What a policy does with the labelled parts that the model has not seen, and by that with the parts to come, as far as these are like them.</summary>
/// <param name="Escape">Bad parts passed as good, of the bad ones.</param>
/// <param name="Overkill">Good parts called bad, of the good ones.</param>
/// <param name="GoodReviewed">Good parts that a person must look at, of the good ones.</param>
/// <param name="BadReviewed">Bad parts that a person must look at, of the bad ones.</param>
/// <param name="Confidence">Of each interval; where the thresholds were chosen by these parts, the intervals are wider for it.</param>
internal sealed record PolicyExpectation(RateEstimate Escape, RateEstimate Overkill, RateEstimate GoodReviewed, RateEstimate BadReviewed, double Confidence);
