using System.Diagnostics.CodeAnalysis;
using Trainer.Networks;

namespace Trainer.Weights;

/// <summary>The values of a network's parameters, each checked against the description's shape.</summary>
internal sealed class NetworkWeights
{
    private readonly Dictionary<string, float[]> values;

    private NetworkWeights(Dictionary<string, float[]> values, IReadOnlyDictionary<string, string> metadata)
    {
        this.values = values;
        Metadata = metadata;
    }

    /// <summary>What the weight file says about itself: licence, source, architecture.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Values by torchvision's name, row-major.</summary>
    public float[] this[string name] => values[name];

    /// <summary>Reads the stages of a network, and its classifier where the file has one.</summary>
    /// <exception cref="WeightFileException">A tensor is missing, has another shape, or belongs to no part of the network.</exception>
    public static NetworkWeights Read(SafetensorsFile file, Network network)
    {
        var values = new Dictionary<string, float[]>(StringComparer.Ordinal);
        var hasClassifier = file.Tensors.Keys.Any(IsClassifier);
        foreach (var parameter in network.Parameters)
        {
            if (!IsClassifier(parameter.Name) || hasClassifier) values.Add(parameter.Name, Read(file, network, parameter));
        }
        // PyTorch counts batches in every batch norm; inference has no use for the count.
        var stranger = file.Tensors.Keys.FirstOrDefault(name => !values.ContainsKey(name) && !name.EndsWith(".num_batches_tracked", StringComparison.Ordinal));
        return stranger is null ? new(values, file.Metadata) : throw Fault(file, network, $"tensor '{stranger}' belongs to no part of {network.Name}");
    }

    /// <summary>The network that the file says it is for.</summary>
    public static bool TryFindNetwork(SafetensorsFile file, [NotNullWhen(true)] out Network? network)
    {
        network = file.Metadata.TryGetValue("architecture", out var name) ? Presets.Find(name) : null;
        return network is not null;
    }

    private static bool IsClassifier(string name) => name.StartsWith($"{Network.ClassifierPath}.", StringComparison.Ordinal);

    private static float[] Read(SafetensorsFile file, Network network, Parameter parameter)
    {
        if (!file.Tensors.TryGetValue(parameter.Name, out var tensor)) throw Fault(file, network, $"lacks the tensor '{parameter.Name}'");
        if (!tensor.Shape.SequenceEqual(parameter.Shape))
            throw Fault(file, network, $"tensor '{parameter.Name}' is [{string.Join(", ", tensor.Shape)}], but {network.Name} has [{string.Join(", ", parameter.Shape)}]");
        return file.ReadFloats(parameter.Name);
    }

    private static WeightFileException Fault(SafetensorsFile file, Network network, string what) =>
        new(file.Path, what, $"Give weights of {network.Name} under torchvision's names, or name the architecture they are for.");
}
