using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Trainer.Weights;

/// <summary>
/// An open safetensors file: 8 bytes length of the header (little-endian), the JSON header, the tensors. The whole header is
/// checked on opening; tensors are read one by one, so that memory follows what is used and not what the file says.
/// </summary>
internal sealed class SafetensorsFile : IDisposable
{
    /// <summary>A header beyond this is refused before it is read; 4 MiB hold some 40,000 tensors.</summary>
    public const int MaxHeaderBytes = 4 << 20;

    private const int PrefixBytes = sizeof(ulong);

    private readonly SafeFileHandle handle;
    private readonly SafetensorsHeader header;
    private readonly long dataStart;

    private SafetensorsFile(string path, SafeFileHandle handle)
    {
        Path = path;
        this.handle = handle;
        var length = RandomAccess.GetLength(handle);
        var headerBytes = ReadHeader(length);
        dataStart = PrefixBytes + headerBytes.Length;
        header = SafetensorsHeader.Parse(path, headerBytes, length - dataStart);
    }

    public string Path { get; }

    public IReadOnlyDictionary<string, TensorEntry> Tensors => header.Tensors;

    /// <summary>The header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <exception cref="WeightFileException">The file is missing, unreadable or breaks the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path);
            return new(path, handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            handle?.Dispose();
            throw new WeightFileException(path, $"cannot be read ({e.Message.TrimEnd('.')})", "Check the path and its permissions.", e);
        }
        catch
        {
            handle?.Dispose();
            throw;
        }
    }

    /// <summary>The values of a tensor of F32, F16 or BF16, row-major.</summary>
    /// <exception cref="WeightFileException">No such tensor, another type, or a value that is no finite number.</exception>
    public float[] ReadFloats(string name)
    {
        if (!Tensors.TryGetValue(name, out var tensor)) throw Fault($"has no tensor '{name}'");
        if (!tensor.Type.IsFloat) throw Fault($"tensor '{name}' is {tensor.Type.Name}, not F32, F16 or BF16");
        if (tensor.LengthBytes > Array.MaxLength) throw Fault($"tensor '{name}' has {tensor.LengthBytes} bytes, more than can be read at once");
        var bytes = new byte[tensor.LengthBytes];
        ReadExactly(bytes, dataStart + tensor.Offset);
        var values = new float[tensor.Count];
        Convert(bytes, tensor.Type, values);
        var bad = Array.FindIndex(values, value => !float.IsFinite(value));
        return bad < 0 ? values : throw Fault($"tensor '{name}' holds {values[bad]} at index {bad}; weights must be finite");
    }

    public void Dispose() => handle.Dispose();

    private byte[] ReadHeader(long fileLength)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        if (fileLength < PrefixBytes) throw Fault($"is {fileLength} bytes long, too short for the length of a header");
        ReadExactly(prefix, 0);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeaderBytes) throw Fault($"says that its header has {length} bytes; more than {MaxHeaderBytes} are refused");
        if ((long)length > fileLength - PrefixBytes) throw Fault($"says that its header has {length} bytes, but only {fileLength - PrefixBytes} follow");
        var bytes = new byte[length];
        ReadExactly(bytes, PrefixBytes);
        return bytes;
    }

    private void ReadExactly(Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            var read = RandomAccess.Read(handle, bytes, offset);
            if (read == 0) throw Fault("became shorter while it was read");
            bytes = bytes[read..];
            offset += read;
        }
    }

    private static void Convert(byte[] bytes, TensorType type, Span<float> values)
    {
        if (type == TensorType.F32) MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
        else if (type == TensorType.F16) TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
        else ConvertBFloat16(MemoryMarshal.Cast<byte, ushort>(bytes), values);
    }

    /// <summary>A BF16 is the upper half of a float.</summary>
    private static void ConvertBFloat16(ReadOnlySpan<ushort> source, Span<float> values)
    {
        for (var i = 0; i < source.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }

    private WeightFileException Fault(string what) => new(Path, what, "The file is damaged or not the one meant; fetch it again and compare its SHA-256.");
}
