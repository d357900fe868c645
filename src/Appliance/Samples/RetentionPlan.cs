namespace Appliance.Samples;

/// <summary>Whether a sample is never given up, whatever the limits say.</summary>
internal delegate bool IsProtected(string sample);

/// <summary>Which samples are given up next: by age first, then what is beyond a limit; unlabelled audits before others, labelled ones last and only where they may be.</summary>
internal sealed class RetentionPlan(RetentionOptions options, SampleIndex index, IsProtected isProtected)
{
    /// <summary>Completes when the index can be asked.</summary>
    public Task Ready => index.Ready;

    /// <summary>Samples to give up now, in one fact; none when all limits are kept, or can be kept by no more.</summary>
    /// <param name="now">By <see cref="RetentionClock"/>.</param>
    /// <param name="limit">Most samples at once.</param>
    public (IReadOnlyList<SampleDocument> Samples, string Why) Next(DateTimeOffset now, int limit)
    {
        if (options.MaxAge != TimeSpan.Zero)
        {
            var aged = Walk(s => s.Kept.At < now - options.MaxAge, stopAtOther: true).Take(limit).ToList();
            if (aged.Count > 0) return (aged, $"older than {options.MaxAge}");
        }

        var (samples, bytes) = index.Size();
        if (options.MaxSamples > 0 && samples > options.MaxSamples)
            return ([.. Walk(_ => true).Take(Math.Min(limit, samples - options.MaxSamples))], $"more than {options.MaxSamples} samples");
        if (options.MaxPictureBytes > 0 && bytes > options.MaxPictureBytes)
            return (Beyond(bytes - options.MaxPictureBytes, limit), $"more than {options.MaxPictureBytes} bytes of pictures");
        return ([], "");
    }

    /// <summary>Whether nobody has said anything of a sample since it was chosen. Asked under <see cref="SampleIndex.Turn"/>.</summary>
    public bool MayGo(SampleDocument chosen) => index.ById(chosen.Id) is { } now && now.Label == chosen.Label && !isProtected(chosen.Id);

    /// <summary>Why a limit is not kept; null when all are.</summary>
    public string? Exceeded()
    {
        var (samples, bytes) = index.Size();
        var rest = options.GiveUpLabelled ? "what is left is on the must-catch list" : "what is left is labelled or on the must-catch list; Retention:GiveUpLabelled lets labelled samples go";
        if (options.MaxSamples > 0 && samples > options.MaxSamples) return $"{samples} samples are kept, Retention:MaxSamples is {options.MaxSamples}: {rest}";
        return options.MaxPictureBytes > 0 && bytes > options.MaxPictureBytes ? $"Pictures have {bytes} bytes, Retention:MaxPictureBytes is {options.MaxPictureBytes}: {rest}" : null;
    }

    private List<SampleDocument> Beyond(long bytes, int limit)
    {
        var chosen = new List<SampleDocument>();
        foreach (var sample in Walk(_ => true).Take(limit))
        {
            chosen.Add(sample);
            if ((bytes -= sample.Kept.PictureBytes) <= 0) break;
        }

        return chosen;
    }

    // In the order in which they go. Imported samples stand before all others, whatever their age.
    private IEnumerable<SampleDocument> Walk(Func<SampleDocument, bool> wanted, bool stopAtOther = false)
    {
        const int page = 200;
        string[] ranks = options.GiveUpLabelled ? [RetentionRank.Audit, RetentionRank.Unlabelled, RetentionRank.Labelled] : [RetentionRank.Audit, RetentionRank.Unlabelled];
        foreach (var rank in ranks)
        {
            string? after = null;
            var over = false;
            while (!over && index.Oldest(rank, page, after) is { Count: > 0 } found)
            {
                foreach (var sample in found)
                {
                    if (wanted(sample))
                    {
                        if (!isProtected(sample.Id)) yield return sample;
                    }
                    else if (stopAtOther && sample.Kept.Why != "import")
                    {
                        over = true;
                        break;
                    }
                }

                after = found[^1].Id;
            }
        }
    }
}
