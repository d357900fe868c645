using System.Text.Json.Serialization;
using Trainer.CommandLine;
using Trainer.Evaluation;

namespace Trainer;

/// <summary>JSON that only the trainer writes: one line, camelCase.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(TrainSummary))]
internal sealed partial class TrainerJson : JsonSerializerContext;
