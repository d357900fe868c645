using Appliance.Evidence;
using Inference.Files;

namespace Appliance.Samples;

/// <summary>Where samples lie under the state directory.</summary>
internal static class SampleFiles
{
    public static string Pictures(string state) => Path.Combine(state, "pictures");

    public static string Embeddings(string state) => Path.Combine(state, "embeddings");

    public static string EmbeddingFile(string state, string identity) => Path.Combine(Embeddings(state), identity + ".emb");

    public static string Index(string state) => Path.Combine(state, "index", "samples.db");

    /// <summary>Tells whether a file of a sample is on disk, by its name as in <see cref="DoomedFiles"/>.</summary>
    public static Predicate<string> IsThere(string state)
    {
        var evidence = new EvidenceStore(LinuxFileSystem.Instance, EvidenceStore.RootOf(state));
        return name => File.Exists(DoomedFiles.SampleOf(name) is { } sample ? evidence.PathOf(sample) : PictureStore.FileOf(Pictures(state), name));
    }
}
