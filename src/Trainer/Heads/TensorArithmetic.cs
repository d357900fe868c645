using TorchSharp;
using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>
/// Arithmetic with numbers, and what TorchSharp does by way of one: <c>x / 2.0</c>, <c>a + b</c> and <c>x.square()</c> there make a
/// <see cref="Scalar"/> that nothing holds while the native call reads it. Where a collection finalises it in between, the call throws
/// "Unknown scalar type", computes with another number, or crashes. Here each is held until its call has returned; a test reads the compiled
/// code and finds any other use.
/// </summary>
/// <remarks>
/// A tensor is read by its handle too, and is safe while a dispose scope is open on its thread: the scope holds each tensor made meanwhile, also
/// one that is only a part of an expression, until its own end or until it is moved to the outer scope. So no tensor is made
/// before <see cref="HeadTrainer.Train"/> has opened the outermost.
/// </remarks>
internal static class TensorArithmetic
{
    public static Tensor Plus(this Tensor tensor, double number)
    {
        using Scalar addend = number.ToScalar(), factor = 1.ToScalar();
        return tensor.add(addend, factor);
    }

    public static Tensor Plus(this Tensor tensor, Tensor other)
    {
        using var factor = 1.ToScalar();
        return tensor.add(other, factor);
    }

    public static Tensor Times(this Tensor tensor, double number)
    {
        using var factor = number.ToScalar();
        return tensor.mul(factor);
    }

    public static Tensor Over(this Tensor tensor, double number)
    {
        using var divisor = number.ToScalar();
        return tensor.div(divisor);
    }

    public static Tensor Squared(this Tensor tensor) => tensor * tensor;

    public static Tensor AtLeast(this Tensor tensor, double number)
    {
        using var least = number.ToScalar();
        return tensor.clamp_min(least);
    }

    /// <summary>Multiplies this tensor itself.</summary>
    public static Tensor ScaleInPlace(this Tensor tensor, double number)
    {
        using var factor = number.ToScalar();
        return tensor.mul_(factor);
    }

    /// <summary>Adds the other, times a number, to this tensor itself.</summary>
    public static Tensor AddInPlace(this Tensor tensor, Tensor other, double number)
    {
        using var factor = number.ToScalar();
        return tensor.add_(other, factor);
    }
}
