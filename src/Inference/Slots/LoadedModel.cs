using Inference.Decisions;
using Inference.Evidence;
using Inference.Heads;
using Inference.Packages;

namespace Inference.Slots;

/// <summary>
/// A model ready to judge. Owns its head's native session: whoever loaded it disposes it, or hands it to <see cref="ModelSlot.Publish"/>.
/// The head serves one thread at a time.
/// </summary>
public sealed class LoadedModel : IDisposable
{
    // One reference is the owner's, one is each lease's.
    private int references = 1;
    private int owned = 1;

    internal LoadedModel(ModelPackage package, HeadSession head)
    {
        Package = package;
        Head = head;
        Numbers = HeadNumbers.Read(package.Head.Span, head.EmbeddingLength, package.Manifest.Classes.Count);
        Decider = new PolicyDecider(package.Manifest.Classes, package.Manifest.GoodClass, package.Policy);
    }

    public ModelPackage Package { get; }

    public HeadSession Head { get; }

    public PolicyDecider Decider { get; }

    /// <summary>For evidence; null for a head of another form than the trainer's.</summary>
    public HeadNumbers? Numbers { get; }

    public string ModelId => Package.ModelId;

    public string PolicyId => Package.PolicyId;

    /// <summary>Gives back the owner's reference, once; the session goes with the last one.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref owned, 0) == 1) Release();
    }

    /// <summary>False when the last reference is gone already.</summary>
    internal bool TryAddReference()
    {
        for (var seen = Volatile.Read(ref references); seen > 0; seen = Volatile.Read(ref references))
            if (Interlocked.CompareExchange(ref references, seen + 1, seen) == seen) return true;
        return false;
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref references) == 0) Head.Dispose();
    }
}
