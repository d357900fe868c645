using System.Text.Json.Nodes;

namespace Oracle;

/// <summary>One message as the subscriber got it, other than a verdict.</summary>
internal sealed record Message(string Topic, JsonNode Node)
{
    /// <summary>Whether it lies directly under <c>inspection/STATION/</c> by this name.</summary>
    public bool Is(string name) => Topic.EndsWith("/" + name, StringComparison.Ordinal) && Topic.Count(c => c == '/') == 2;
}

/// <summary>What a subscriber got, taken line by line so that millions of repetitions cost no memory.</summary>
internal sealed class Subscriber
{
    private readonly Dictionary<Identity, string> verdicts = [];
    private readonly List<Message> others = [];
    private readonly List<string> differences = [];
    private readonly HashSet<uint> announced = [];
    private Identity last;

    /// <summary>Each verdict by identity, as it was heard first.</summary>
    public IReadOnlyDictionary<Identity, string> Verdicts => verdicts;

    public IReadOnlyList<Message> Others => others;

    /// <summary>What is wrong without looking into the journal: two contents, order, an epoch that was not announced.</summary>
    public IReadOnlyList<string> Differences => differences;

    /// <param name="lines">Lines of topic, space and payload; others, which the programs print for people, are passed over.</param>
    public static Subscriber Read(IEnumerable<string> lines)
    {
        var subscriber = new Subscriber();
        foreach (var line in lines) subscriber.Take(line);
        return subscriber;
    }

    private void Take(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || space + 1 >= line.Length || line[space + 1] != '{' || !line.StartsWith("inspection/", StringComparison.Ordinal)) return;
        var (topic, payload) = (line[..space], line[(space + 1)..]);
        var node = JsonNode.Parse(payload)!;
        if (topic.Contains("/verdicts/", StringComparison.Ordinal))
        {
            TakeVerdict(Identity.Of(node), payload);
            return;
        }

        var message = new Message(topic, node);
        if (message.Is("epoch")) announced.Add((uint)node["epoch"]!);
        others.Add(message);
    }

    private void TakeVerdict(Identity id, string payload)
    {
        if (!announced.Contains(id.Epoch)) differences.Add($"verdict {id}: heard before its epoch was announced");
        if (!verdicts.TryAdd(id, payload))
        {
            if (verdicts[id] != payload) differences.Add($"verdict {id}: heard as {verdicts[id]} and as {payload}");
            return;
        }

        if (id < last) differences.Add($"verdict {id}: first heard after {last}");
        last = id;
    }
}
