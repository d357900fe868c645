using System.Text.Json.Nodes;

namespace Oracle;

/// <summary>Holds the accounts against each other. Every check appends what it finds, in words that name the inspection.</summary>
internal static class Reconciler
{
    /// <param name="heard">Null when nobody listened.</param>
    /// <param name="complete">Nobody was cut off while asking, so every trigger has an outcome.</param>
    public static Account Run(StationRecords records, Subscriber? heard, IReadOnlyList<JsonObject> ledger, bool complete)
    {
        var differences = new List<string>();
        JournalCheck.Run(records, differences);
        var delivery = heard is null ? default : DeliveryCheck.Run(records, heard, differences);
        var line = LineCheck.Run(records, heard?.Others ?? [], ledger, complete, differences);
        return new(
            records.Of("epoch").Count(), records.Verdicts.Count, delivery.Heard, line.Asked, line.Answered, line.Refused, line.Acknowledged, line.Open,
            delivery.Lost, delivery.GivenUp, differences);
    }
}
