using System.Text.Json;

namespace Trainer.Weights;

/// <summary>
/// Parses and checks the JSON header of a safetensors file (https://huggingface.co/docs/safetensors) as something a stranger wrote:
/// nothing is allocated by a number in it, every name comes once, and the tensors must fill the data without gap or overlap.
/// </summary>
internal sealed class SafetensorsHeader
{
    public const int MaxDimensions = 8;
    private const int MaxDepth = 4;
    private const string MetadataKey = "__metadata__";

    private readonly string path;
    private readonly Dictionary<string, TensorEntry> tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string path) => this.path = path;

    public IReadOnlyDictionary<string, TensorEntry> Tensors => tensors;

    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <param name="path">For messages.</param>
    /// <param name="json">The header.</param>
    /// <param name="dataLength">Bytes of the file behind the header.</param>
    /// <exception cref="WeightFileException">The header breaks the format.</exception>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long dataLength)
    {
        var header = new SafetensorsHeader(path);
        try
        {
            header.ReadAll(new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth }));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw header.Fault($"the header is not valid JSON ({e.Message.TrimEnd('.')})", e);
        }
        header.CheckCover(dataLength);
        return header;
    }

    private void ReadAll(Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "the header");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (NextProperty(ref reader, out var name))
        {
            if (!seen.Add(name)) throw Fault($"the header names '{Shorten(name)}' twice");
            if (name == MetadataKey) ReadMetadata(ref reader);
            else ReadTensor(ref reader, name);
        }
        if (reader.Read()) throw Fault("the header goes on behind its end");
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey);
        while (NextProperty(ref reader, out var key))
        {
            Expect(ref reader, JsonTokenType.String, MetadataKey);
            if (!metadata.TryAdd(key, reader.GetString()!)) throw Fault($"{MetadataKey} names '{Shorten(key)}' twice");
        }
    }

    private void ReadTensor(ref Utf8JsonReader reader, string name)
    {
        var tensor = $"tensor '{Shorten(name)}'";
        string? type = null;
        List<long>? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, tensor);
        while (NextProperty(ref reader, out var field))
        {
            switch (field)
            {
                case "dtype" when type is null:
                    Expect(ref reader, JsonTokenType.String, tensor);
                    type = reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, tensor, MaxDimensions);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, tensor, 2);
                    break;
                default:
                    throw Fault($"{tensor} has the field '{Shorten(field)}', which is unknown or given twice");
            }
        }
        if (type is null || shape is null || offsets is not [var begin, var end]) throw Fault($"{tensor} lacks one of dtype, shape and data_offsets (two numbers)");
        tensors.Add(name, Entry(name, tensor, type, shape, begin, end));
    }

    private TensorEntry Entry(string name, string tensor, string typeName, List<long> shape, long begin, long end)
    {
        if (!TensorType.TryParse(typeName, out var type))
            throw Fault($"{tensor} has the unknown dtype '{Shorten(typeName)}'; known are {TensorType.Names}");
        if (end < begin) throw Fault($"{tensor} ends ({end}) before it begins ({begin})");
        long bytes = type.LengthBytes;
        try
        {
            foreach (var size in shape) bytes = checked(bytes * size);
        }
        catch (OverflowException e)
        {
            throw Fault($"{tensor} has a shape whose size overflows", e);
        }
        if (bytes != end - begin) throw Fault($"{tensor} is {bytes} bytes by dtype and shape, but {end - begin} by its offsets");
        return new(name, type, shape, begin, bytes);
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string tensor, int limit)
    {
        var numbers = new List<long>();
        Expect(ref reader, JsonTokenType.StartArray, tensor);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Fault($"{tensor} has a shape or offset that is not a whole number from 0 to 2^63 - 1");
            if (numbers.Count == limit) throw Fault($"{tensor} has more than {limit} numbers in shape or data_offsets");
            numbers.Add(number);
        }
        return numbers;
    }

    /// <summary>Tensors must lie end to end from the first byte to the last: a gap or an overlap hides something.</summary>
    private void CheckCover(long dataLength)
    {
        long position = 0;
        foreach (var tensor in tensors.Values.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.LengthBytes))
        {
            var end = tensor.Offset + tensor.LengthBytes;
            if (end > dataLength) throw Fault($"tensor '{Shorten(tensor.Name)}' ends at byte {end} of the data, but the file has {dataLength}: it is truncated");
            if (tensor.Offset < position) throw Fault($"tensor '{Shorten(tensor.Name)}' begins at byte {tensor.Offset}, inside the one before it, which ends at {position}");
            if (tensor.Offset > position) throw Fault($"{tensor.Offset - position} bytes before tensor '{Shorten(tensor.Name)}' belong to no tensor");
            position = end;
        }
        if (position != dataLength) throw Fault($"{dataLength - position} bytes behind the last tensor belong to no tensor");
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string where)
    {
        if (!reader.Read() || reader.TokenType != type) throw Fault($"{where} holds {reader.TokenType} where {type} must stand");
    }

    private static bool NextProperty(ref Utf8JsonReader reader, out string name)
    {
        name = reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString()! : "";
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    private WeightFileException Fault(string what, Exception? inner = null) =>
        new(path, what, "The file is damaged or is no safetensors file; fetch it again and compare its SHA-256.", inner);

    private static string Shorten(string name) => name.Length <= 80 ? name : $"{name[..80]}…";
}
