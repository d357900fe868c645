using Inference.Evidence;

namespace Appliance.Tests.Evidence;

internal static class EvidenceMaps
{
    /// <summary>Over a picture of 8 x 6 pixels: all of it speaks for scratch in the leftmost column, more in the third row.</summary>
    public static EvidenceMap Left { get; } = Over(8, 6);

    public static EvidenceMap Over(int widthPx, int heightPx)
    {
        var places = new float[24];
        for (var row = 0; row < 3; row++) places[row * 8] = 1 + (row == 1 ? 1 : 0);
        return EvidenceMap.Make("scratch", "ok", -0.5f, [new("s1", 8, 3, places)], new(0, 0, widthPx, heightPx));
    }
}
