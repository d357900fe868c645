namespace Appliance.Samples;

/// <summary>In which order samples are given up: what nobody needs first. Begins the key by which the index sorts them, so that within a rank the oldest goes first.</summary>
internal static class RetentionRank
{
    /// <summary>Passed as OK and kept by chance, without a label.</summary>
    public const string Audit = "0/";

    /// <summary>Others without a label.</summary>
    public const string Unlabelled = "1/";

    /// <summary>A person's work is in them.</summary>
    public const string Labelled = "2/";
}
