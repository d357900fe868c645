namespace Inference.Evidence;

/// <summary>Evidence by place, all stages together: the finest stage's grid, spread over the region that was judged.</summary>
/// <param name="Scale">What one step of a value stands for.</param>
/// <param name="Values">[height,width], signed bytes, -127..127; for the class above 0, against it below.</param>
public sealed record EvidenceGrid(int Width, int Height, float Scale, byte[] Values)
{
    private const int Steps = 127;

    /// <summary>The value of a place.</summary>
    public float this[int x, int y] => Scale * (sbyte)Values[y * Width + x];

    /// <summary>Adds the stages up on the finest grid. A coarser one is laid over it bilinearly, and its sum stays what it was but for the rounding at the edges.</summary>
    public static EvidenceGrid Of(IReadOnlyList<StageEvidence> stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        var (width, height) = (stages.Max(s => s.Width), stages.Max(s => s.Height));
        var sum = new float[width * height];
        foreach (var stage in stages)
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++) sum[y * width + x] += At(stage, (x + 0.5f) * stage.Width / width - 0.5f, (y + 0.5f) * stage.Height / height - 0.5f) * stage.Values.Length / sum.Length;
        var scale = sum.Max(MathF.Abs) is var most and > 0 ? most / Steps : 1;
        return new(width, height, scale, [.. sum.Select(v => (byte)(sbyte)MathF.Round(v / scale))]);
    }

    /// <summary>The place with the most evidence for the class, as column and row.</summary>
    public (int X, int Y) Peak()
    {
        var best = 0;
        for (var i = 1; i < Values.Length; i++)
            if ((sbyte)Values[i] > (sbyte)Values[best]) best = i;
        return (best % Width, best / Width);
    }

    private static float At(StageEvidence stage, float x, float y)
    {
        var (left, top) = ((int)MathF.Floor(x), (int)MathF.Floor(y));
        var (right, down) = (x - left, y - top);
        return (Cell(left, top) * (1 - right) + Cell(left + 1, top) * right) * (1 - down) + (Cell(left, top + 1) * (1 - right) + Cell(left + 1, top + 1) * right) * down;

        float Cell(int column, int row) => stage.Values[Math.Clamp(row, 0, stage.Height - 1) * stage.Width + Math.Clamp(column, 0, stage.Width - 1)];
    }
}
