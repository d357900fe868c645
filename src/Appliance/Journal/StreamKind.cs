namespace Appliance.Journal;

/// <summary>The two streams of the journal; the number stands in segment headers.</summary>
internal enum StreamKind : byte
{
    /// <summary>Labels, promotions, triggers, samples, epochs: kept for good.</summary>
    Facts = 1,

    /// <summary>Verdicts: whole segments may be deleted behind an anchor.</summary>
    Verdicts = 2,
}

/// <summary>What a record's payload is; the number stands in record heads.</summary>
internal enum RecordType : byte
{
    /// <summary>A <see cref="Fact"/>.</summary>
    Fact = 1,

    /// <summary>A verdict of free run.</summary>
    Verdict = 2,

    /// <summary>A verdict that answers a trigger; told apart so that a start finds answers without reading every payload.</summary>
    TriggeredVerdict = 3,

    /// <summary><see cref="LostRecords"/>: a repair says what is missing here.</summary>
    Lost = 4,
}
