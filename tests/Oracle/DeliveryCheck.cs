using System.Text.Json.Nodes;

namespace Oracle;

/// <summary>What the subscriber got against the journal: every verdict, byte for byte, or named by the station as lost or given up.</summary>
internal static class DeliveryCheck
{
    public static (int Heard, int Lost, int GivenUp) Run(StationRecords records, Subscriber heard, List<string> differences)
    {
        differences.AddRange(heard.Differences);
        var recorded = records.Verdicts.DistinctBy(v => v.Id).ToDictionary(v => v.Id, v => v.Json);
        var lost = Lost(records, recorded, heard, differences);
        var given = heard.Others.Where(m => m.Is("undelivered")).Select(m => (From: Place(m.Node["from"]!), To: Place(m.Node["to"]!))).Distinct().ToList();
        var missing = recorded.Keys.Where(id => !heard.Verdicts.ContainsKey(id)).ToList();
        var gaps = missing.Where(id => !given.Any(g => g.From <= id && id <= g.To)).ToList();
        differences.AddRange(gaps.Select(id => $"verdict {id}: in the journal and never heard"));
        Epochs(records, heard, differences);
        return (heard.Verdicts.Count, lost, missing.Count - gaps.Count);
    }

    /// <summary>Verdicts that a power cut took from the journal, which the next epoch must have named, or damage, which a repair must have.</summary>
    private static int Lost(StationRecords records, Dictionary<Identity, string> recorded, Subscriber heard, List<string> differences)
    {
        var ends = heard.Others.Where(m => m.Is("epoch")).Select(m => new Identity((uint)m.Node["previousEpoch"]!, (ulong)m.Node["lastSequenceRecovered"]!)).ToHashSet();
        var lost = 0;
        foreach (var (id, json) in heard.Verdicts)
        {
            if (recorded.TryGetValue(id, out var said))
            {
                if (said != json) differences.Add($"verdict {id}: heard as {json}, recorded as {said}");
            }
            else if (records.IsLost(id) || ends.Any(e => e.Epoch == id.Epoch && e.Sequence < id.Sequence))
            {
                lost++;
            }
            else
            {
                differences.Add($"verdict {id}: heard, and neither in the journal nor named as lost");
            }
        }

        return lost;
    }

    private static void Epochs(StationRecords records, Subscriber heard, List<string> differences)
    {
        var recovered = records.Of("epoch").ToDictionary(e => (uint)e["epoch"]!, End);
        foreach (var message in heard.Others.Where(m => m.Is("epoch")))
        {
            var epoch = (uint)message.Node["epoch"]!;
            if (!recovered.TryGetValue(epoch, out var end))
            {
                if (!records.FactsLost) differences.Add($"epoch {epoch}: announced, and not in the journal");
            }
            else if (end != End(message.Node)) differences.Add($"epoch {epoch}: announced as following {End(message.Node)}, recorded as following {end}");
        }
    }

    private static Identity End(JsonNode epoch) => new((uint)epoch["previousEpoch"]!, (ulong)epoch["lastSequenceRecovered"]!);

    private static Identity Place(JsonNode place) => place is JsonObject ? Identity.Of(place) : Identity.Parse((string)place!);
}
