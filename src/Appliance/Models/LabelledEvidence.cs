using Appliance.Samples;
using Inference.Embeddings;
using Inference.Jobs;
using Inference.Packages;

namespace Appliance.Models;

/// <summary>The labelled parts of this station as a model judges them unseen.</summary>
internal sealed class LabelledEvidence(SampleIndex index, EmbeddingSpec spec, string stateDirectory)
{
    /// <summary>The embedding that this station computes.</summary>
    public EmbeddingSpec Spec => spec;

    public string EmbeddingFile => SampleFiles.EmbeddingFile(stateDirectory, spec.Identity);

    /// <summary>Every sample with a kept embedding, oldest first, labelled or not.</summary>
    public IReadOnlyList<TrainingSample> Samples => index.TrainingRows(spec.Identity);

    /// <summary>Reads the kept embeddings of all labelled parts that the model has not seen.</summary>
    /// <exception cref="EmbeddingFileException">The file cannot be used.</exception>
    public UnseenParts Unseen(ModelPackage model)
    {
        using var embeddings = Open();
        if (embeddings is null) return new([], 0, 0);
        using var answers = new UnseenAnswers(model, embeddings);
        return answers.All(Samples);
    }

    /// <summary>The kept embeddings; null while there are none.</summary>
    /// <exception cref="EmbeddingFileException">The file cannot be used.</exception>
    public EmbeddingFileReader? Open() => File.Exists(EmbeddingFile) ? new(EmbeddingFile, spec) : null;
}
