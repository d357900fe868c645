using Appliance.Models;
using Inference.Decisions;

namespace Appliance.Policies;

/// <summary>What thresholds are chosen and counted by.</summary>
/// <param name="Parts">Labelled parts as the model judges them unseen.</param>
/// <param name="Classes">In the order of the model's answers.</param>
/// <param name="Good">The class of good parts.</param>
/// <param name="Trained">The policy that the trainer gave the model, by the same parts.</param>
internal readonly record struct PolicyEvidence(IReadOnlyList<UnseenPart> Parts, IReadOnlyList<string> Classes, string Good, DecisionPolicy Trained);
