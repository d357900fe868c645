namespace Appliance.Samples;

/// <summary>Where samples lie under the state directory.</summary>
internal static class SampleFiles
{
    public static string Pictures(string state) => Path.Combine(state, "pictures");

    public static string Embeddings(string state) => Path.Combine(state, "embeddings");

    public static string EmbeddingFile(string state, string identity) => Path.Combine(Embeddings(state), identity + ".emb");

    public static string Index(string state) => Path.Combine(state, "index", "samples.db");
}
