namespace Appliance.Journal;

/// <summary>Pictures of free run that passed while the journal took nothing: nobody was told a verdict. Safe for several threads.</summary>
internal sealed class UnrecordedPictures
{
    private readonly Lock gate = new();
    private Gap? open;
    private long total;

    /// <summary>Since the start.</summary>
    public long Total => Interlocked.Read(ref total);

    /// <summary>What no fact tells of yet; null for nothing.</summary>
    public Gap? Open
    {
        get
        {
            lock (gate) return open;
        }
    }

    public void Add(DateTimeOffset at, string why)
    {
        lock (gate)
        {
            Interlocked.Increment(ref total);
            open = open is { } gap ? gap with { Pictures = gap.Pictures + 1, To = at } : new(1, at, at, why);
        }
    }

    /// <summary>A fact tells of it; what came since stays open.</summary>
    public void Told(Gap told)
    {
        lock (gate)
        {
            if (open is not { } gap) return;
            open = gap.Pictures > told.Pictures ? gap with { Pictures = gap.Pictures - told.Pictures, From = told.To } : null;
        }
    }

    /// <param name="Why">What the journal said at the first of them.</param>
    internal sealed record Gap(long Pictures, DateTimeOffset From, DateTimeOffset To, string Why);
}
