using System.Runtime.InteropServices;
using System.Text;
using Inference.Packages;

namespace Inference.Evidence;

/// <summary>
/// The numbers of a linear head, read from the constants of its graph by their names (docs/formats.md, Evidence). Immutable, managed memory, safe for several threads.
/// </summary>
public sealed class HeadNumbers
{
    private readonly Standardisation read;
    private readonly float[] weights;
    private readonly float[] bias;
    private readonly Standardisation seen;
    private readonly float[] components;
    private readonly float[] gains;
    private readonly float wholeGain;

    private HeadNumbers(Dictionary<string, byte[]> constants, int embeddingLength, int classCount)
    {
        read = new("", constants, embeddingLength);
        weights = Floats(constants, "weights", read.Columns.Length * classCount);
        bias = Floats(constants, "bias", classCount);
        seen = new("seen_", constants, embeddingLength);
        gains = Floats(constants, "along_gain", null);
        components = Floats(constants, "components", seen.Columns.Length * gains.Length);
        wholeGain = Floats(constants, "whole_gain", 1)[0];
    }

    /// <summary>Reads a head; null where it is of another form. Whether the graph computes with these numbers what their names say is not looked at here.</summary>
    /// <param name="onnx">Of a verified package.</param>
    /// <param name="embeddingLength">D.</param>
    /// <param name="classCount">C.</param>
    public static HeadNumbers? Read(ReadOnlySpan<byte> onnx, int embeddingLength, int classCount)
    {
        try
        {
            return new(Constants(onnx), embeddingLength, classCount);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The logit of one class less that of another, as a linear form over the embedding.</summary>
    public LinearForm LogitDifference(int of, int against)
    {
        var classes = bias.Length;
        var over = new float[read.Columns.Length];
        for (var i = 0; i < over.Length; i++) over[i] = (weights[i * classes + of] - weights[i * classes + against]) * read.Scale[i];
        return new(read.Columns, over, read.Mean, bias[of] - bias[against]);
    }

    /// <summary>
    /// The square of the distance of one embedding, as a linear form that gives it for that embedding: z'Az is the sum of z times Az, value by value.
    /// </summary>
    /// <param name="embedding">[D].</param>
    public LinearForm SquaredDistance(ReadOnlySpan<float> embedding)
    {
        var over = new float[seen.Columns.Length];
        var along = new float[gains.Length];
        for (var i = 0; i < over.Length; i++)
        {
            over[i] = (embedding[seen.Columns[i]] - seen.Mean[i]) * seen.Scale[i];
            for (var j = 0; j < along.Length; j++) along[j] += over[i] * components[i * along.Length + j];
        }

        for (var i = 0; i < over.Length; i++)
        {
            double explained = 0;
            for (var j = 0; j < along.Length; j++) explained += (double)gains[j] * along[j] * components[i * along.Length + j];
            over[i] = (float)((wholeGain * over[i] - explained) * seen.Scale[i]);
        }

        return new(seen.Columns, over, seen.Mean, 0);
    }

    private static float[] Floats(Dictionary<string, byte[]> constants, string name, int? count)
    {
        if (!constants.TryGetValue(name, out var bytes) || bytes.Length % sizeof(float) != 0) throw new FormatException(name);
        var values = MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        return count is null || values.Length == count ? values : throw new FormatException(name);
    }

    // Little-endian values by name; field numbers are facts of the ONNX format.
    private static Dictionary<string, byte[]> Constants(ReadOnlySpan<byte> onnx)
    {
        const int modelGraph = 7, graphInitializer = 5, tensorName = 8, tensorRawData = 9;
        var constants = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var model in new WireFields(onnx))
        {
            if (model.Number != modelGraph) continue;
            foreach (var graph in new WireFields(model.Bytes))
            {
                if (graph.Number != graphInitializer) continue;
                var (name, values) = ("", Array.Empty<byte>());
                foreach (var tensor in new WireFields(graph.Bytes))
                {
                    if (tensor.Number == tensorName) name = Encoding.UTF8.GetString(tensor.Bytes);
                    else if (tensor.Number == tensorRawData) values = tensor.Bytes.ToArray();
                }

                constants[name] = values;
            }
        }

        return constants;
    }

    /// <summary>Which values of the embedding are taken, and what is subtracted from and multiplied with them.</summary>
    private sealed class Standardisation
    {
        public Standardisation(string prefix, Dictionary<string, byte[]> constants, int embeddingLength)
        {
            Columns = Indices(prefix, constants);
            if (Columns.Length == 0 || Columns.Any(c => c < 0 || c >= embeddingLength)) throw new FormatException(prefix + "columns");
            Mean = Floats(constants, prefix + "mean", Columns.Length);
            Scale = Floats(constants, prefix + "scale", Columns.Length);
        }

        public int[] Columns { get; }

        public float[] Mean { get; }

        public float[] Scale { get; }

        private static int[] Indices(string prefix, Dictionary<string, byte[]> constants)
        {
            if (constants.TryGetValue(prefix + "columns", out var columns)) return [.. MemoryMarshal.Cast<byte, long>(columns).ToArray().Select(c => (int)Math.Clamp(c, -1, int.MaxValue))];
            if (!constants.TryGetValue(prefix + "from", out var from) || !constants.TryGetValue(prefix + "to", out var to) || from.Length != sizeof(long) || to.Length != sizeof(long))
                throw new FormatException(prefix + "columns");
            var (first, end) = (BitConverter.ToInt64(from), BitConverter.ToInt64(to));
            return first >= 0 && end > first && end <= int.MaxValue ? [.. Enumerable.Range((int)first, (int)(end - first))] : throw new FormatException(prefix + "from");
        }
    }
}
