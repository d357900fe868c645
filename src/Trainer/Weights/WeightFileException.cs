namespace Trainer.Weights;

/// <summary>A weight file that cannot be used. The message names the file, the tensor where there is one, and what to do.</summary>
internal sealed class WeightFileException(string path, string what, string advice, Exception? inner = null)
    : Exception($"{path}: {what}. {advice}", inner);
