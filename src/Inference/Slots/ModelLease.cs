namespace Inference.Slots;

/// <summary>Keeps a model alive for one inspection, whatever is published meanwhile. Disposed once, by whoever took it.</summary>
public readonly struct ModelLease : IDisposable, IEquatable<ModelLease>
{
    private readonly LoadedModel? model;

    internal ModelLease(LoadedModel model) => this.model = model;

    /// <summary>Whether there is a model.</summary>
    public bool Held => model is not null;

    /// <exception cref="InvalidOperationException">Nothing is held.</exception>
    public LoadedModel Model => model ?? throw new InvalidOperationException("The lease holds no model: look at Held first.");

    public void Dispose() => model?.Release();

    public bool Equals(ModelLease other) => ReferenceEquals(model, other.model);

    public override bool Equals(object? obj) => obj is ModelLease other && Equals(other);

    public override int GetHashCode() => model?.GetHashCode() ?? 0;

    public static bool operator ==(ModelLease left, ModelLease right) => left.Equals(right);

    public static bool operator !=(ModelLease left, ModelLease right) => !left.Equals(right);
}
