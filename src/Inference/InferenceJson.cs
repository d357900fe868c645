using System.Text.Json;
using System.Text.Json.Serialization;
using Inference.Decisions;
using Inference.Embeddings;
using Inference.Evidence;
using Inference.Jobs;
using Inference.Packages;

namespace Inference;

/// <summary>JSON of the files and messages that cross programs: camelCase, enums as text, unknown members ignored. Indented where people read it.</summary>
/// <remarks>Generated readers forget the initialisers of init-only members, so a member that is not nullable is required in the file.</remarks>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(DecisionPolicy))]
[JsonSerializable(typeof(EmbeddingSpec))]
[JsonSerializable(typeof(List<EmbeddingSegment>))]
[JsonSerializable(typeof(EvidenceMap))]
[JsonSerializable(typeof(TrainingJob))]
[JsonSerializable(typeof(TrainingEvent))]
public sealed partial class InferenceJson : JsonSerializerContext
{
    /// <summary>The same contracts, for what people write: members that nobody knows are refused.</summary>
    public static InferenceJson ByHand => field ??= new(new JsonSerializerOptions(Default.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, TypeInfoResolver = null });

    /// <summary>The same contracts, indented.</summary>
    public static InferenceJson Indented => field ??= new(new JsonSerializerOptions(Default.Options) { WriteIndented = true, TypeInfoResolver = null });
}
