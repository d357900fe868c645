using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Appliance.Capture;
using Appliance.Inspection;
using Appliance.Messaging;
using Appliance.Tests.Hosting;
using Inference.Decisions;

namespace Appliance.Tests.Messaging;

/// <summary>JSON Schemas of every payload, from the types that write and read them; descriptions from their documentation, values and ranges from what the code knows.</summary>
internal sealed partial class MessageSchemas
{
    private const string Name = "^[A-Za-z0-9_-]{1,64}$";
    private const string Sha256 = "^[0-9a-f]{64}$";
    private readonly Dictionary<string, XElement> documentation = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "appliance.xml")).Descendants("member").ToDictionary(m => (string)m.Attribute("name")!);

    public static string Directory { get; } = Path.Combine(ApplianceProgram.RepositoryRoot, "docs/schemas");

    /// <summary>By the name of the file, without its extension. Those that come in refuse members that nobody knows.</summary>
    public static IReadOnlyDictionary<string, JsonTypeInfo> Types { get; } = new Dictionary<string, JsonTypeInfo>
    {
        ["verdict"] = VerdictJson.Default.VerdictMessage,
        ["undelivered"] = MessagingJson.Default.UndeliveredMessage,
        ["epoch"] = MessagingJson.Default.EpochMessage,
        ["status"] = MessagingJson.Default.StatusMessage,
        ["models"] = MessagingJson.Default.ModelsMessage,
        ["loop"] = MessagingJson.Default.LoopMessage,
        ["errors"] = MessagingJson.Default.ErrorMessage,
        ["trigger"] = TriggerJson.Default.TriggerCommand,
        ["command"] = CommandJson.Default.LineCommand,
    };

    /// <summary>The file of this name, as it should be.</summary>
    public string Text(string name)
    {
        var incoming = name is "trigger" or "command";
        var schema = (JsonObject)JsonSchemaExporter.GetJsonSchemaAsNode(Types[name], new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = (context, node) => Refine(context, node, incoming) });
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        return schema.ToJsonString(new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    private JsonNode Refine(JsonSchemaExporterContext context, JsonNode node, bool incoming)
    {
        if (node is not JsonObject schema) return node;
        // What goes out leaves members without a value away, and writes all others.
        if (!incoming && schema["type"] is JsonArray kinds) schema["type"] = kinds.Select(k => (string)k!).Single(k => k != "null");
        if (schema["properties"] is JsonObject members)
        {
            schema.Remove("required");
            var required = context.TypeInfo.Properties.Where(p => IsRequired(p, incoming)).Select(p => (JsonNode)p.Name).ToArray();
            if (required.Length > 0) schema["required"] = new JsonArray(required);
        }

        if (context.PropertyInfo?.AttributeProvider is MemberInfo member) Restrict(schema, member.DeclaringType!, member.Name);
        if (Describe(context) is { Length: > 0 } words) schema["description"] = words;
        return schema;
    }

    private static bool IsRequired(JsonPropertyInfo property, bool incoming) =>
        incoming ? property.DeclaringType == typeof(LineCommand) && property.Name is "command" or "by" : !property.IsGetNullable && Nullable.GetUnderlyingType(property.PropertyType) is null;

    private static void Restrict(JsonObject schema, Type type, string member)
    {
        if (Values(type, member) is { } values) schema["enum"] = new JsonArray([.. values.Select(v => (JsonNode)v)]);
        switch (member)
        {
            case "Schema":
                schema["const"] = 1;
                break;
            case "Station" or "Camera" or "Recipe":
                schema["pattern"] = Name;
                break;
            case "Model" or "Policy":
                schema["pattern"] = Sha256;
                break;
            case "DeadlineMs":
                (schema["minimum"], schema["maximum"]) = (1, TriggerCommand.DeadlineLimitMs);
                break;
            case "Id" or "Part" or "Trigger" when type == typeof(TriggerCommand) || type == typeof(VerdictMessage):
                (schema["minLength"], schema["maxLength"]) = (1, TriggerCommand.TextLimit);
                break;
            case "At" or "Time" or "GrabbedAt":
                schema["format"] = "date-time";
                break;
            case "Probability":
                (schema["minimum"], schema["maximum"]) = (0, 1);
                break;
            case "Epoch" or "Count":
                schema["minimum"] = 1;
                break;
        }
    }

    private static IEnumerable<string>? Values(Type type, string member) => (type.Name, member) switch
    {
        (nameof(StatusMessage), "State") => ["running", "paused", "degraded", "safe", "stopped", "lost"],
        (nameof(CameraSnapshot), "State") => Enum.GetNames<CameraPhase>().Select(Lower),
        (nameof(LoopState), "State") => ["closed", "unknown", "refused", "silent"],
        (nameof(UndeliveredMessage), "Why") => ["limit", "deleted", "unknown"],
        (nameof(ErrorMessage), "About") => ["trigger", "command"],
        (nameof(ErrorMessage), "Reason") => Enum.GetNames<RefusalReason>().Select(Lower),
        (nameof(VerdictMessage), "Reason") => typeof(Reasons).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!),
        (nameof(LineCommand), "Command") => ["pause", "resume"],
        _ => null,
    };

    private static string Lower(string name) => name.ToLowerInvariant();

    private string? Describe(JsonSchemaExporterContext context)
    {
        if (context.PropertyInfo?.AttributeProvider is not MemberInfo member) return context.Path.IsEmpty ? Words(Member("T:", context.TypeInfo.Type.FullName!)?.Element("summary")) : null;
        var type = member.DeclaringType!.FullName!;
        return Words(Member("P:", $"{type}.{member.Name}")?.Element("summary")) is { Length: > 0 } own
            ? own
            : Words(Member("T:", type)?.Elements("param").FirstOrDefault(p => (string)p.Attribute("name")! == member.Name));
    }

    private XElement? Member(string kind, string name) => documentation.GetValueOrDefault(kind + name);

    private static string? Words(XElement? element)
    {
        if (element is null) return null;
        var text = string.Concat(element.Nodes().Select(n => n switch
        {
            XElement e when e.Attribute("cref") is { } reference => reference.Value.Split('.', ':')[^1],
            XElement e => e.Value,
            _ => n.ToString(),
        }));
        return Space().Replace(System.Net.WebUtility.HtmlDecode(text), " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
