using System.Text.Json.Nodes;

namespace Scenarios.Harness;

/// <summary>Configurations to begin with. A test changes what it is about.</summary>
internal static class Configurations
{
    public const string StationName = "line";

    /// <summary>A station with the embedded broker at a free port.</summary>
    public static JsonObject Embedded(params JsonObject[] cameras) => new()
    {
        ["Station"] = StationName,
        ["Cameras"] = new JsonArray([.. cameras]),
        ["Mqtt"] = new JsonObject { ["Port"] = 0 },
    };

    /// <summary>A station with a broker of its line.</summary>
    public static JsonObject External(int brokerPort, params JsonObject[] cameras)
    {
        var configuration = Embedded(cameras);
        configuration["Mqtt"] = new JsonObject { ["Broker"] = $"mqtt://127.0.0.1:{brokerPort}" };
        return configuration;
    }

    /// <summary>A station of the magnetic-tile line, with a mosquitto as its broker.</summary>
    public static JsonObject Tiles(int brokerPort, params JsonObject[] cameras) => new()
    {
        ["Station"] = StationName,
        ["GoodClass"] = "free",
        ["Cameras"] = new JsonArray([.. cameras]),
        ["Mqtt"] = new JsonObject { ["Broker"] = $"mqtt://127.0.0.1:{brokerPort}" },
        ["Sampling"] = new JsonObject { ["OkShare"] = 1, ["MaxPerMinute"] = 6000 },
    };

    public static JsonObject Free(string name, string source, double ratePerSecond) =>
        new() { ["Name"] = name, ["Source"] = source, ["RatePerSecond"] = ratePerSecond };

    public static JsonObject Triggered(string name, string source) => new() { ["Name"] = name, ["Source"] = source, ["Mode"] = "Trigger" };

    /// <summary>The photographs, over and over, in an order by seed.</summary>
    public static string TileSource(int seed) => $"folder:{Repository.MagneticTile()}?loop=true&shuffle={seed}&parts=parts.csv";
}
