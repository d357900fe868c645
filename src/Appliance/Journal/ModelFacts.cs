namespace Appliance.Journal;

/// <summary>What the facts say of models at a start, whether or not the index can be asked.</summary>
internal sealed class ModelFacts
{
    private readonly List<ModelPromoted> promotions = [];
    private readonly List<MustCatchChanged> mustCatchChanges = [];

    /// <summary>Oldest first; the last is the live model.</summary>
    public IReadOnlyList<ModelPromoted> Promotions => promotions;

    /// <summary>Oldest first; of a sample the last one holds.</summary>
    public IReadOnlyList<MustCatchChanged> MustCatchChanges => mustCatchChanges;

    /// <summary>The shadow period that has begun and not ended; null for none.</summary>
    public ShadowBegun? Shadow { get; private set; }

    /// <summary>Takes a fact, in the journal's order.</summary>
    public void Add(Fact fact)
    {
        if (fact is ModelPromoted promoted) promotions.Add(promoted);
        if (fact is MustCatchChanged changed) mustCatchChanges.Add(changed);
        if (fact is ShadowBegun begun) Shadow = begun;
        if (fact is ShadowEnded ended && ended.Model == Shadow?.Model) Shadow = null;
    }
}
