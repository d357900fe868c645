namespace Appliance.Samples;

/// <summary>The index cannot be asked at present: it is made anew from the journal.</summary>
internal sealed class IndexUnavailableException(string? trouble, Exception? inner = null)
    : Exception($"The index over samples and models is being made anew from the journal: {trouble}. Verdicts go on and nothing is lost; try again in a moment.", inner);
