using Inference.Decisions;

namespace Appliance.Models;

/// <summary>
/// One verdict for a part of several inspections: the worst for the line that any of them gives. A bad part escapes when one inspection passes it, a good
/// one is rejected when one calls it bad. So a part counts once, whatever the number of its pictures.
/// </summary>
internal static class PartOutcome
{
    public static Verdict Of(PolicyDecider decider, UnseenPart part, bool isGood)
    {
        var worst = isGood ? Verdict.Ng : Verdict.Ok;
        var unsure = false;
        foreach (var answer in part.Answers)
        {
            var verdict = decider.Decide(answer.Probabilities, answer.Distance).Verdict;
            if (verdict == worst) return worst;
            unsure |= verdict is Verdict.Unsure or Verdict.Fault;
        }

        if (unsure) return Verdict.Unsure;
        return isGood ? Verdict.Ok : Verdict.Ng;
    }
}
