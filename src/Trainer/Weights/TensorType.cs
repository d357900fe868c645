using System.Diagnostics.CodeAnalysis;

namespace Trainer.Weights;

/// <summary>An element type of the safetensors format.</summary>
/// <param name="Name">As the header spells it.</param>
/// <param name="LengthBytes">Of one element.</param>
/// <param name="IsFloat">Whether <see cref="SafetensorsFile.ReadFloats"/> can read it.</param>
internal sealed record TensorType(string Name, int LengthBytes, bool IsFloat = false)
{
    public static readonly TensorType F32 = new("F32", 4, IsFloat: true);
    public static readonly TensorType F16 = new("F16", 2, IsFloat: true);
    public static readonly TensorType BF16 = new("BF16", 2, IsFloat: true);

    private static readonly Dictionary<string, TensorType> All = new TensorType[]
    {
        F32, F16, BF16, new("F64", 8), new("I64", 8), new("U64", 8), new("I32", 4), new("U32", 4), new("I16", 2), new("U16", 2), new("I8", 1), new("U8", 1), new("BOOL", 1),
    }.ToDictionary(type => type.Name, StringComparer.Ordinal);

    public static string Names => string.Join(", ", All.Keys);

    public static bool TryParse(string name, [NotNullWhen(true)] out TensorType? type) => All.TryGetValue(name, out type);
}
