namespace Appliance.Samples;

/// <summary>What is given up when it is old, or when there is too much of it. Nothing is, until a limit is set.</summary>
internal sealed class RetentionOptions
{
    private const long MiB = 1L << 20;

    /// <summary>Samples without a label are given up when they are older, 1 h to 10 years, for example <c>90.00:00:00</c>; zero never.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.Zero;

    /// <summary>Most samples, 100 to 10,000,000; beyond it the oldest go, those passed as OK and kept by chance first; 0 for no limit.</summary>
    public int MaxSamples { get; set; }

    /// <summary>Most bytes of samples' pictures, 64 MiB to 1 PiB; beyond it the oldest go as above; 0 for no limit.</summary>
    public long MaxPictureBytes { get; set; }

    /// <summary>Whether labelled samples may be given up too, after all others. The must-catch list never is.</summary>
    public bool GiveUpLabelled { get; set; }

    /// <summary>Verdicts that the broker has are deleted from the journal when they are older, 1 day to 10 years; zero never. By whole segments, of a day or 64 MiB.</summary>
    public TimeSpan VerdictAge { get; set; } = TimeSpan.Zero;

    /// <summary>Most bytes of verdicts in the journal, 128 MiB to 1 PiB; beyond it the oldest segments that the broker has are deleted; 0 for no limit.</summary>
    public long VerdictBytes { get; set; }

    public bool HasLimit => MaxAge != TimeSpan.Zero || MaxSamples > 0 || MaxPictureBytes > 0 || VerdictAge != TimeSpan.Zero || VerdictBytes > 0;

    public IEnumerable<string> Validate(string key)
    {
        var (tenYears, most) = (TimeSpan.FromDays(3650), MiB << 30);
        if (MaxAge != TimeSpan.Zero && (MaxAge < TimeSpan.FromHours(1) || MaxAge > tenYears)) yield return $"{key}:MaxAge is {MaxAge}; it takes 00:00:00 (never) or 01:00:00 to 3650.00:00:00.";
        if (MaxSamples is not 0 and (< 100 or > 10_000_000)) yield return $"{key}:MaxSamples is {MaxSamples}; it takes 0 (no limit) or 100 to 10000000.";
        if (MaxPictureBytes != 0 && (MaxPictureBytes < 64 * MiB || MaxPictureBytes > most)) yield return $"{key}:MaxPictureBytes is {MaxPictureBytes}; it takes 0 (no limit) or {64 * MiB} to {most}.";
        if (VerdictAge != TimeSpan.Zero && (VerdictAge < TimeSpan.FromDays(1) || VerdictAge > tenYears)) yield return $"{key}:VerdictAge is {VerdictAge}; it takes 00:00:00 (never) or 1.00:00:00 to 3650.00:00:00.";
        if (VerdictBytes != 0 && (VerdictBytes < 128 * MiB || VerdictBytes > most)) yield return $"{key}:VerdictBytes is {VerdictBytes}; it takes 0 (no limit) or {128 * MiB} to {most}.";
    }
}
