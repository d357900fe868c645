namespace Trainer.Networks;

/// <summary>The networks that are known by name.</summary>
internal static class Presets
{
    private static readonly Dictionary<string, Func<string, Network>> All = new(StringComparer.Ordinal)
    {
        ["efficientnet_lite0"] = name => EfficientNetLite.Build(name, width: 1.0, depth: 1.0, sizePx: 224, dropout: 0.2),
        ["efficientnet_lite1"] = name => EfficientNetLite.Build(name, width: 1.0, depth: 1.1, sizePx: 240, dropout: 0.2),
        ["efficientnet_lite2"] = name => EfficientNetLite.Build(name, width: 1.1, depth: 1.2, sizePx: 260, dropout: 0.3),
    };

    public static IReadOnlyCollection<string> Names => All.Keys;

    /// <summary>The network of this name, or null.</summary>
    public static Network? Find(string name) => All.TryGetValue(name, out var build) ? build(name) : null;
}
