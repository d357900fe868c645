using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Runtime;

/// <summary>A tensor in memory of its own, zeroed, aligned to a cache line, that a session is bound to. The owner disposes it after the binding.</summary>
internal sealed unsafe class NativeTensor<T> : IDisposable
    where T : unmanaged
{
    private const nuint AlignmentBytes = 64;
    private readonly int length;
    private T* address;

    public NativeTensor(TensorElementType type, params ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (var side in shape) count = checked(count * side);
        length = checked((int)count);
        var lengthBytes = (nuint)length * (nuint)sizeof(T);
        address = (T*)NativeMemory.AlignedAlloc(lengthBytes, AlignmentBytes);
        NativeMemory.Clear(address, lengthBytes);
        Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, type, shape.ToArray(), (IntPtr)address, (long)lengthBytes);
    }

    public OrtValue Value { get; }

    public Span<T> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(address is null, this);
            return new Span<T>(address, length);
        }
    }

    public void Dispose()
    {
        if (address is null) return;
        Value.Dispose();
        NativeMemory.AlignedFree(address);
        address = null;
    }
}
