using Inference.Decisions;
using Inference.Packages;

namespace Trainer.Heads;

/// <summary>A fitted head with all that its package says of it.</summary>
/// <param name="Classes">The good class first.</param>
/// <param name="Head">Its numbers.</param>
/// <param name="Policy">Thresholds and limit from out-of-fold predictions.</param>
/// <param name="OutOfFold">What heads that had not seen the part said.</param>
/// <param name="Metrics">Of the out-of-fold predictions.</param>
/// <param name="Choices">Why each automatic choice fell as it did.</param>
/// <param name="Labelled">Rows of the training set that it was fitted on.</param>
/// <param name="Probabilities">[labelled][C]: what it says of them, by TorchSharp.</param>
/// <param name="Distances">[labelled]: their distances, by TorchSharp.</param>
public sealed record TrainedHead(
    IReadOnlyList<string> Classes, LinearHead Head, DecisionPolicy Policy, IReadOnlyList<OutOfFoldPrediction> OutOfFold,
    IReadOnlyDictionary<string, double> Metrics, IReadOnlyList<string> Choices,
    IReadOnlyList<int> Labelled, IReadOnlyList<double[]> Probabilities, IReadOnlyList<double> Distances);
