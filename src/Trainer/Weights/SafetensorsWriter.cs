using System.Buffers;
using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trainer.Weights;

/// <summary>Writes safetensors in half precision: the same tensors and metadata give the same bytes.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Data starts at a multiple of this, as the format's own writer does.</summary>
    private const int Alignment = 8;

    /// <summary>Tensors in the order given, rounded to the nearest half (ties to even).</summary>
    /// <exception cref="ArgumentException">A value is too large for half precision.</exception>
    public static byte[] WriteHalf(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var header = Header(tensors, metadata);
        var start = (sizeof(ulong) + header.Length + Alignment - 1) / Alignment * Alignment;
        var file = new byte[start + tensors.Sum(tensor => checked(tensor.Values.Length * TensorType.F16.LengthBytes))];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)(start - sizeof(ulong)));
        header.CopyTo(file.AsSpan(sizeof(ulong)));
        file.AsSpan(sizeof(ulong) + header.Length, start - sizeof(ulong) - header.Length).Fill((byte)' ');
        var data = MemoryMarshal.Cast<byte, Half>(file.AsSpan(start));
        foreach (var tensor in tensors)
        {
            TensorPrimitives.ConvertToHalf(tensor.Values, data);
            for (var i = 0; i < tensor.Values.Length; i++)
            {
                if (!Half.IsFinite(data[i])) throw new ArgumentException($"Tensor '{tensor.Name}' holds {tensor.Values[i]} at index {i}, which half precision (up to 65504) cannot.", nameof(tensors));
            }
            data = data[tensor.Values.Length..];
        }
        return file;
    }

    private static ReadOnlySpan<byte> Header(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteStartObject("__metadata__");
        foreach (var (key, value) in metadata) json.WriteString(key, value);
        json.WriteEndObject();
        long offset = 0;
        foreach (var tensor in tensors)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", TensorType.F16.Name);
            WriteNumbers(json, "shape", tensor.Shape);
            var end = offset + tensor.Values.LongLength * TensorType.F16.LengthBytes;
            WriteNumbers(json, "data_offsets", [offset, end]);
            json.WriteEndObject();
            offset = end;
        }
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}

/// <summary>A tensor in memory, row-major.</summary>
internal sealed record NamedTensor(string Name, IReadOnlyList<long> Shape, float[] Values);
