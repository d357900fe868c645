using System.Text.Json.Serialization;
using Inference.Preparation;

namespace Inference.Evidence;

/// <summary>Why a model said what it said of one picture, by place. What lies in a sample's evidence file.</summary>
/// <param name="Of">The class that it speaks for; null where it is about the distance to all that was seen.</param>
/// <param name="Against">The class that it speaks against; null likewise.</param>
/// <param name="Score">The logit of the one less that of the other; or the square of the distance.</param>
/// <param name="Bias">The part of the score that no place has.</param>
/// <param name="Stages">The part that each stage has, all its places together.</param>
/// <param name="Region">The pixels of the picture over which the grid lies.</param>
public sealed record EvidenceMap(int SchemaVersion, string? Of, string? Against, float Score, float Bias, IReadOnlyList<StageShare> Stages, Region Region, EvidenceGrid Grid)
{
    public const int NewestVersion = 1;

    /// <param name="stages">Of <see cref="Attribution.Explain"/>.</param>
    public static EvidenceMap Make(string? of, string? against, float bias, IReadOnlyList<StageEvidence> stages, Region region)
    {
        ArgumentNullException.ThrowIfNull(stages);
        var shares = stages.Select(s => new StageShare(s.Stage, s.Width, s.Height, (float)s.Values.Sum(v => (double)v))).ToList();
        return new(NewestVersion, of, against, bias + shares.Sum(s => s.Score), bias, shares, region, EvidenceGrid.Of(stages));
    }

    /// <summary>Whether its region lies within a picture of this size.</summary>
    public bool FitsInto(int widthPx, int heightPx) =>
        Region is { X: >= 0, Y: >= 0, WidthPx: > 0, HeightPx: > 0 } r && (long)r.X + r.WidthPx <= widthPx && (long)r.Y + r.HeightPx <= heightPx;

    /// <summary>The middle of the place with the most evidence, in pixels of the picture.</summary>
    [JsonIgnore]
    public (double X, double Y) PeakPx
    {
        get
        {
            var (x, y) = Grid.Peak();
            return (Region.X + (x + 0.5) * Region.WidthPx / Grid.Width, Region.Y + (y + 0.5) * Region.HeightPx / Grid.Height);
        }
    }
}

/// <summary>What one stage has to say.</summary>
/// <param name="Score">Its part of the score.</param>
public sealed record StageShare(string Stage, int Width, int Height, float Score);
