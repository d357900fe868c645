using Appliance.Models;
using Inference.Packages;

namespace Appliance.Policies;

/// <summary>The labelled parts that a figure is counted by, and those that it is not.</summary>
/// <param name="LeftOut">Labelled parts of which the model can say nothing unseen: it was trained on them and kept no prediction of then, or their embeddings are gone.</param>
/// <param name="Differing">Labelled parts whose labels are not all the same: bad where one of them is.</param>
internal sealed record PartsUsed(int Good, int Bad, int LeftOut, int Differing)
{
    public static PartsUsed Of(UnseenParts unseen, ModelPackage model)
    {
        var good = unseen.Parts.Count(p => p.Label == model.Manifest.GoodClass);
        return new(good, unseen.Parts.Count - good, unseen.LeftOut, unseen.Differing);
    }
}
