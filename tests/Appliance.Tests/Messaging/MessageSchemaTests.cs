using System.Text.Json.Nodes;
using Appliance.Messaging;
using Appliance.Tests.Web;
using YamlDotNet.Serialization;

namespace Appliance.Tests.Messaging;

/// <summary>docs/schemas and docs/asyncapi.yaml are what the code says, and fit each other.</summary>
public sealed class MessageSchemaTests
{
    private static readonly MessageSchemas Schemas = new();

    private static JsonNode Document { get; } = Read();

    public static TheoryData<string> Names { get; } = [.. MessageSchemas.Types.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Schema_OfEachPayload_IsWhatTheCodeSays(string name) => Assert.True(
        Schemas.Text(name) == await File.ReadAllTextAsync(PathOf(name), TestContext.Current.CancellationToken),
        $"docs/schemas/{name}.json is not what the code says. 'Appliance.Tests --filter-method *MessageSchemaTests.Write --explicit only' writes it anew.");

    [Fact(Explicit = true)]
    public void Write()
    {
        Directory.CreateDirectory(MessageSchemas.Directory);
        foreach (var name in MessageSchemas.Types.Keys) File.WriteAllText(PathOf(name), Schemas.Text(name));
    }

    [Fact]
    public void AsyncApi_Channels_AreTheTopicsOfTheCode()
    {
        var topics = new Topics("{station}");
        var code = typeof(Topics).GetProperties().Where(p => p.Name != nameof(Topics.Station) && p.PropertyType == typeof(string)).Select(p => (string)p.GetValue(topics)!).Append(topics.Verdicts("{camera}"));
        Assert.Equal(code.Order(StringComparer.Ordinal), Channels().Select(c => (string)c["address"]!).Order(StringComparer.Ordinal));
        Assert.Equal("3.0.0", (string)Document["asyncapi"]!);
    }

    [Fact]
    public void AsyncApi_References_AllLeadSomewhere() => Assert.All(References(Document), reference =>
    {
        if (reference.StartsWith("#/", StringComparison.Ordinal)) Assert.NotNull(reference[2..].Split('/').Aggregate((JsonNode?)Document, (node, part) => node?[part]));
        else Assert.True(File.Exists(Path.Combine(MessageSchemas.Directory, "..", reference)), reference);
    });

    [Fact]
    public void AsyncApi_EveryChannel_HasOneOperationAndOnePayloadAndItsParameters()
    {
        var operations = Document["operations"]!.AsObject().Select(o => (Action: (string)o.Value!["action"]!, Channel: ((string)o.Value!["channel"]!["$ref"]!).Split('/')[^1])).ToList();
        Assert.All(operations, o => Assert.Contains(o.Action, new[] { "send", "receive" }));
        Assert.Equal(["command", "trigger"], operations.Where(o => o.Action == "receive").Select(o => o.Channel).Order(StringComparer.Ordinal));
        foreach (var (name, channel) in Document["channels"]!.AsObject())
        {
            Assert.Single(operations, o => o.Channel == name);
            var message = Document["components"]!["messages"]![((string)channel!["messages"]!.AsObject().Single().Value!["$ref"]!).Split('/')[^1]]!;
            Assert.Equal("application/json", (string)message["contentType"]!);
            Assert.StartsWith("schemas/", (string)message["payload"]!["schema"]!["$ref"]!, StringComparison.Ordinal);
            foreach (var parameter in channel["parameters"]!.AsObject()) Assert.Contains($"{{{parameter.Key}}}", (string)channel["address"]!, StringComparison.Ordinal);
        }

        var used = Document["components"]!["messages"]!.AsObject().Select(m => Path.GetFileNameWithoutExtension((string)m.Value!["payload"]!["schema"]!["$ref"]!));
        Assert.Equal(MessageSchemas.Types.Keys.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("trigger", """{"id":"t-17","camera":"c1","part":"p-17","recipe":"r1","deadlineMs":800}""", true)]
    [InlineData("trigger", "{}", true)]
    [InlineData("trigger", """{"deadlineMs":0}""", false)]
    [InlineData("trigger", """{"deadlineMs":"800"}""", false)]
    [InlineData("trigger", """{"camera":"c/#"}""", false)]
    [InlineData("trigger", """{"part":""}""", false)]
    [InlineData("trigger", """{"colour":"red"}""", false)]
    [InlineData("command", """{"command":"pause","by":"anna","why":"tool change"}""", true)]
    [InlineData("command", """{"command":"stop","by":"anna"}""", false)]
    [InlineData("command", """{"command":"pause"}""", false)]
    public void Schema_OfWhatComesIn_SaysWhatTheStationSays(string name, string payload, bool taken)
    {
        var bytes = new System.Buffers.ReadOnlySequence<byte>(System.Text.Encoding.UTF8.GetBytes(payload));
        Assert.Equal(taken, name == "trigger" ? TriggerCommand.TryParse(bytes, out _, out _) : LineCommand.TryParse(bytes, out _, out _));
        Assert.Equal(taken, SchemaCheck.Problem(Json.Schema.JsonSchema.FromText(File.ReadAllText(PathOf(name))), payload) is null);
    }

    internal static string PathOf(string name) => Path.Combine(MessageSchemas.Directory, name + ".json");

    private static IEnumerable<JsonNode> Channels() => Document["channels"]!.AsObject().Select(c => c.Value!);

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject one => one.SelectMany(m => m.Key == "$ref" ? [(string)m.Value!] : References(m.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    private static JsonNode Read()
    {
        var yaml = new DeserializerBuilder().Build().Deserialize(new StringReader(File.ReadAllText(Path.Combine(MessageSchemas.Directory, "../asyncapi.yaml"))));
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(yaml))!;
    }
}
