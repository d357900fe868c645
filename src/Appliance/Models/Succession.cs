using Appliance.Journal;

namespace Appliance.Models;

/// <summary>
/// Which models, each with its policy, stand behind the live one. A promotion of one that stands there already goes back to it, and leaves all that
/// came after: a model that was rolled back is never gone back to, neither by another rollback nor when the live one does not load.
/// </summary>
internal static class Succession
{
    /// <summary>The live model's promotion first, then those behind it; each once.</summary>
    /// <param name="promotions">All, newest first.</param>
    public static IReadOnlyList<ModelPromoted> Of(IReadOnlyList<ModelPromoted> promotions)
    {
        var standing = new List<ModelPromoted>();
        foreach (var promotion in promotions.Reverse())
        {
            var place = standing.FindIndex(p => p.Model == promotion.Model && p.Policy == promotion.Policy);
            if (place >= 0) standing.RemoveRange(place, standing.Count - place);
            standing.Add(promotion);
        }

        standing.Reverse();
        return standing;
    }
}
