using System.Globalization;
using Inference.Evidence;

namespace Trainer.Tests.Evidence;

/// <summary>
/// A blowhole that was marked by hand, in pixels of its picture. A letter names the physical tile: pictures of one tile that <c>parts.csv</c> takes for several have the same.
/// </summary>
internal sealed record MarkedBlowhole(string Picture, string Tile, int X, int Y, int Width, int Height)
{
    public const int Folds = 2;

    /// <summary>All pictures of a tile are in the same.</summary>
    public int Fold => (Tile[0] - 'a') % Folds;

    public static IReadOnlyList<MarkedBlowhole> All { get; } =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Evidence", "blowholes.csv")).Skip(1).Select(line => line.Split(','))
            .Select(c => new MarkedBlowhole(c[0], c[1], Number(c[2]), Number(c[3]), Number(c[4]), Number(c[5]))),
    ];

    /// <summary>Whether the peak lies in the box, or within one place of the grid beside it: a place is all that a peak can say.</summary>
    /// <param name="chance">The share of the picture that counts as a hit.</param>
    public bool IsPointedAtBy(EvidenceMap map, out double chance)
    {
        var (width, height) = (map.Region.WidthPx, map.Region.HeightPx);
        var (across, down) = ((double)width / map.Grid.Width, (double)height / map.Grid.Height);
        var (left, right) = (Math.Max(0, X - across), Math.Min(width, X + Width + across));
        var (top, bottom) = (Math.Max(0, Y - down), Math.Min(height, Y + Height + down));
        chance = (right - left) * (bottom - top) / ((double)width * height);
        var (x, y) = map.PeakPx;
        return x >= left && x <= right && y >= top && y <= bottom;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
