using System.Text.Json.Serialization;

namespace Appliance.Hosting;

/// <summary>Where a running service is reached: written to the state directory once it is, for tools on the same machine.</summary>
internal sealed record Endpoints(string Http, string MqttHost, int MqttPort, int ProcessId, uint Epoch)
{
    public const string FileName = "endpoints.json";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Endpoints))]
internal sealed partial class EndpointsJson : JsonSerializerContext;
