using System.Reflection;
using Inference.Heads;
using Inference.Packages;
using Inference.Runtime;
using Inference.Slots;
using Inference.Tests.Fixtures;
using Inference.Tests.Packages;
using Microsoft.ML.OnnxRuntime;
using Testing.Files;

namespace Inference.Tests.Slots;

/// <summary>Two models that disagree on every part, read from packages on disk, and a look at whether their native sessions live.</summary>
internal sealed class SlotModels : IDisposable
{
    private static readonly FieldInfo Bound = typeof(HeadSession).GetField("head", BindingFlags.Instance | BindingFlags.NonPublic)!;
    private static readonly FieldInfo Session = Bound.FieldType.GetField("session", BindingFlags.Instance | BindingFlags.NonPublic)!;
    private static readonly FieldInfo Handle = typeof(InferenceSession).GetField("_nativeHandle", BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly TemporaryDirectory directory = new();

    public SlotModels()
    {
        Straight = PackageReader.Read(TestPackage.Write(directory["straight"]));
        Swapped = PackageReader.Read(TestPackage.Write(directory["swapped"], "head-swapped"));
    }

    public ModelPackage Straight { get; }

    public ModelPackage Swapped { get; }

    public static ModelSlot Slot() => new(TestPackage.Embedding, RuntimeOptions.Default);

    public static LoadedModel Load(ModelSlot slot, ModelPackage package)
    {
        var result = slot.Load(package);
        Assert.Null(result.Reason);
        return result.Model!;
    }

    public static bool IsAlive(LoadedModel model) => (IntPtr)Handle.GetValue(Session.GetValue(Bound.GetValue(model.Head)))! != IntPtr.Zero;

    /// <summary>The class that a model says of <see cref="TestPackage.LikeOk"/>.</summary>
    public static string? Judge(LoadedModel model)
    {
        var output = model.Head.Run(TestPackage.LikeOk);
        return model.Decider.Decide(output.Probabilities, output.Distance).Class;
    }

    /// <summary>As it was read, with what a test changes; nobody has verified it since.</summary>
    public ModelPackage Changed(Func<ModelManifest, ModelManifest> change, byte[]? head = null) =>
        Straight with { Manifest = change(Straight.Manifest), Head = head ?? Fixture.Bytes("head") };

    public void Dispose() => directory.Dispose();
}
