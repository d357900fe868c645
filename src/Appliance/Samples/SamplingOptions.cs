using Appliance.Settings;

namespace Appliance.Samples;

/// <summary>Which inspections are kept as samples. Every kind is limited, so that an appliance that knows nothing yet does not store every frame.</summary>
internal sealed class SamplingOptions
{
    /// <summary>Share of OK verdicts that is kept, 0..1, drawn at random.</summary>
    [Reloadable]
    public double OkShare { get; set; } = 0.02;

    /// <summary>Most samples of one verdict a minute, 0..6000.</summary>
    [Reloadable]
    public int MaxPerMinute { get; set; } = 120;

    /// <summary>Samples that may wait for the disk, 1..1000; beyond it a sample is skipped, and counted.</summary>
    public int QueueLength { get; set; } = 32;

    /// <summary>A picture of the same part with the same answer is skipped when its embedding is no further from one kept before than this share of its length, 0 (keep all) to 1. Measured in decision 033: within 0.1 lies what differs by its light alone, and no other exposure of the part.</summary>
    public double NearCopyDistance { get; set; } = 0.1;

    public IEnumerable<string> Validate(string key)
    {
        if (OkShare is < 0 or > 1 or double.NaN) yield return $"{key}:OkShare is {OkShare}; it takes 0 to 1.";
        if (MaxPerMinute is < 0 or > 6000) yield return $"{key}:MaxPerMinute is {MaxPerMinute}; it takes 0 to 6000.";
        if (QueueLength is < 1 or > 1000) yield return $"{key}:QueueLength is {QueueLength}; it takes 1 to 1000.";
        if (NearCopyDistance is < 0 or > 1 or double.NaN) yield return $"{key}:NearCopyDistance is {NearCopyDistance}; it takes 0 to 1.";
    }
}
