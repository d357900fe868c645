using Appliance.Policies;
using Inference.Decisions;

namespace Appliance.Training;

/// <summary>Two models, each with its policy, on the same labelled parts, which neither has seen.</summary>
/// <param name="Parts">Labelled parts compared on.</param>
/// <param name="LeftOut">Labelled parts of which one of them can say nothing unseen.</param>
/// <param name="Differing">Of all, those whose labels are not all the same: bad where one of them is.</param>
/// <param name="DifferentParts">Parts on which their verdicts, or classes, differ; at most 500 of them.</param>
internal sealed record ModelComparison(ComparedModel A, ComparedModel B, int Parts, int LeftOut, int Differing, int Different, IReadOnlyList<DifferentPart> DifferentParts);

/// <summary>One of the two.</summary>
/// <param name="PolicyId">The policy that it is live with; of a model that is not live, the one of its package.</param>
/// <param name="Expected">Null where good and bad parts are not both among those compared on.</param>
/// <param name="Recall">For each class that parts are labelled with: how many of them it names so.</param>
internal sealed record ComparedModel(string Model, string PolicyId, bool Live, double? MacroF1, PolicyExpectation? Expected, IReadOnlyDictionary<string, RateEstimate> Recall);

/// <summary>A part on which they differ.</summary>
internal sealed record DifferentPart(string Part, string Label, IReadOnlyList<string> Samples, Verdict A, string ClassA, Verdict B, string ClassB);
