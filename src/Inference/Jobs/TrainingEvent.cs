using System.Text.Json.Serialization;

namespace Inference.Jobs;

/// <summary>One line on the trainer's standard output: JSON with its kind under <c>event</c>. The last one is <c>done</c> or <c>failed</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(TrainingProgress), "progress")]
[JsonDerivedType(typeof(TrainingDone), "done")]
[JsonDerivedType(typeof(TrainingFailed), "failed")]
public abstract record TrainingEvent;

/// <summary>Where the job is.</summary>
/// <param name="Phase">load, standardise, folds, fit, calibrate, write, verify.</param>
/// <param name="Fraction">0..1 of the whole job.</param>
/// <param name="ElapsedMs">Since the start of the process.</param>
public sealed record TrainingProgress(string Phase, double Fraction, double ElapsedMs) : TrainingEvent;

/// <summary>The package is written and verified.</summary>
/// <param name="Package">Directory of the package.</param>
/// <param name="ModelId">Id of the model.</param>
/// <param name="Metrics">As in the manifest.</param>
/// <param name="PhaseMs">Milliseconds a phase.</param>
public sealed record TrainingDone(
    string Package, string ModelId, IReadOnlyDictionary<string, double> Metrics, IReadOnlyDictionary<string, double> PhaseMs) : TrainingEvent;

/// <summary>No package was written.</summary>
/// <param name="Reason">What failed, at what, and what to do; one sentence for an operator or engineer.</param>
public sealed record TrainingFailed(string Reason) : TrainingEvent;
