using System.Reflection;
using TorchSharp;
using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Tests.Heads;

/// <summary>No number reaches libtorch by a <see cref="Scalar"/> that the collector may free meanwhile.</summary>
public class TensorArithmeticTests
{
    private static readonly Assembly Torch = typeof(Scalar).Assembly;
    private static readonly ConstructorInfo MakesScalar = typeof(Scalar).GetConstructors(BindingFlags.NonPublic | BindingFlags.Instance).Single();
    private static readonly MethodInfo FreesScalar = typeof(Scalar).GetMethod(nameof(Scalar.Dispose))!;
    private readonly Dictionary<MethodBase, List<MethodBase>> calls = [];

    [Fact]
    public void Trainer_EveryMethodButThese_MakesNoScalar()
    {
        var methods = CompiledCalls.Methods(typeof(HeadTrainer).Assembly).Where(m => m.DeclaringType != typeof(TensorArithmetic)).ToList();

        Assert.Contains(methods, m => Calls(m).Any(c => c.DeclaringType == typeof(TensorArithmetic)));
        Assert.Empty(methods.SelectMany(m => Calls(m).Where(MakesOne).Select(c => $"{m.DeclaringType}.{m.Name} calls {c}; use {nameof(TensorArithmetic)}")));
    }

    [Fact]
    public void TensorArithmetic_EveryScalarItMakes_IsHeldUntilDisposedOf()
    {
        var made = CompiledCalls.Methods(typeof(TensorArithmetic)).ToDictionary(m => m, m => Calls(m).Where(MakesOne).ToList());

        Assert.NotEmpty(made.Values.SelectMany(m => m));
        Assert.All(made.Values.SelectMany(m => m), c => Assert.Equal(typeof(ScalarExtensionMethods), c.DeclaringType));
        Assert.All(made, m => Assert.Equal(m.Value.Count, Calls(m.Key).Count(IsDispose)));
    }

    // What TorchSharp does inside today; a version that holds what it makes lets these and TensorArithmetic go.
    [Fact]
    public void TorchSharp_ItsOwnArithmetic_MakesScalarsThatNobodyHolds()
    {
        var found = Calls(typeof(TensorArithmeticTests).GetMethod(nameof(Careless), BindingFlags.NonPublic | BindingFlags.Static)!).Where(MakesOne).Select(c => c.Name);

        Assert.Equal(["op_Division", "op_Addition", "op_Implicit", "square"], found);
    }

    private static Tensor Careless(Tensor x) => (x / 2.0 + x - x * x).clamp_min(0).square().sqrt();

    private static bool IsDispose(MethodBase method) => method == FreesScalar || method.DeclaringType == typeof(IDisposable);

    private List<MethodBase> Calls(MethodBase method) =>
        calls.TryGetValue(method, out var known) ? known : calls[method] = [.. CompiledCalls.Of(method)];

    // It, or what it calls inside TorchSharp.
    private bool MakesOne(MethodBase method)
    {
        var seen = new HashSet<MethodBase>();
        var open = new Stack<MethodBase>([method]);
        while (open.TryPop(out var next))
        {
            if (next == MakesScalar) return true;
            if (next.Module.Assembly != Torch || !seen.Add(next)) continue;
            foreach (var called in Calls(next)) open.Push(called);
        }

        return false;
    }
}
