using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OpenCvSharp;

namespace Trainer.Tests.Networks;

/// <summary>The float64 reference of one architecture (../shared/backbones/README.md).</summary>
internal sealed record Reference(string Name, int SizePx, float[][] Embedding, float[][] Logits, IReadOnlyList<ReferencePicture> Pictures)
{
    public static Reference Read(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Shared.File($"backbones/{name}.reference.json")));
        var formula = json.RootElement.GetProperty("formula_input");
        return new(
            name,
            formula.GetProperty("shape")[2].GetInt32(),
            formula.GetProperty("embedding").Deserialize<float[][]>()!,
            formula.GetProperty("logits").Deserialize<float[][]>()!,
            [.. json.RootElement.GetProperty("pictures").EnumerateArray().Select(ReadPicture)]);
    }

    /// <summary>Two images [2,3,S,S] of <c>4 * unit("input", i) - 2</c> (../shared/goldens/README.md).</summary>
    public float[] FormulaInput()
    {
        uint hash = 2166136261;
        foreach (var b in Encoding.UTF8.GetBytes("input")) hash = (hash ^ b) * 16777619;
        var values = new float[2 * 3 * SizePx * SizePx];
        for (var i = 0; i < values.Length; i++)
        {
            var x = unchecked(hash + 0x9E3779B9u * (uint)(i + 1));
            x = (x ^ (x >> 16)) * 0x7FEB352D;
            x = (x ^ (x >> 15)) * 0x846CA68B;
            x ^= x >> 16;
            values[i] = (float)(4 * (x / 4294967296.0) - 2);
        }
        return values;
    }

    /// <summary>The top left pixels as RGB, [S,S,3]; 127 outside the photograph.</summary>
    public byte[] Pixels(ReferencePicture picture)
    {
        using var bgr = Cv2.ImRead(picture.Path, ImreadModes.Color);
        using var rgb = bgr.CvtColor(ColorConversionCodes.BGR2RGB);
        var pixels = new byte[SizePx * SizePx * 3];
        Array.Fill(pixels, (byte)127);
        var (rows, columns) = (Math.Min(SizePx, rgb.Rows), Math.Min(SizePx, rgb.Cols));
        for (var y = 0; y < rows; y++) Marshal.Copy(rgb.Ptr(y), pixels, y * SizePx * 3, columns * 3);
        return pixels;
    }

    /// <summary>Pixels as [3,S,S], <c>(x - 127) / 128</c>.</summary>
    public float[] Normalised(byte[] pixels)
    {
        var plane = SizePx * SizePx;
        var values = new float[pixels.Length];
        for (var i = 0; i < pixels.Length; i++) values[i % 3 * plane + i / 3] = (pixels[i] - 127) / 128f;
        return values;
    }

    private static ReferencePicture ReadPicture(JsonElement picture) => new(
        Shared.File(picture.GetProperty("file").GetString()!["../".Length..]),
        picture.GetProperty("embedding").Deserialize<float[]>()!,
        picture.GetProperty("top5").Deserialize<int[]>()!);
}

internal sealed record ReferencePicture(string Path, float[] Embedding, int[] Top5);
