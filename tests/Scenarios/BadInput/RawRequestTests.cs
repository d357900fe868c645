using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.BadInput;

/// <summary>Bytes that no well-behaved client sends: over a bare socket, and through brokers.</summary>
public sealed class RawRequestTests
{
    private const int TenMegabytes = 10_000_000;

    [Fact]
    public async Task Requests_OverABareSocket_AreRefusedAndGiveNothingAway()
    {
        await using var station = new Station(Configurations.Embedded(Configurations.Triggered("cam1", "sim:plates")));
        await station.StartAsync();
        foreach (var path in (string[])
        [
            "/../../../../etc/passwd", "/api/v1/samples/../../../../etc/passwd", "/api/v1/samples/..%2f..%2f..%2fetc%2fpasswd/picture", "/api/v1/samples/%2e%2e%2fjournal/picture",
            "/api/v1/samples/..\\..\\etc/picture", "/api/v1/samples/1-1%00.png/picture", "/api/v1/models/..%2F..%2Fbackbones", "/api/v1/models/%2e%2e", "//etc/passwd",
            "/api/v1/samples/1-1\u0001/picture", "/api/v1/samples/%zz", "/api/v1/" + new string('a', 20_000), "*", "http://elsewhere/etc/passwd", "file:///etc/passwd",
        ])
            await RefusedAsync(station, $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        await RefusedAsync(station, "rubbish\r\n\r\n");
        await RefusedAsync(station, $"POST /api/v1/triggers HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {TenMegabytes}\r\n\r\n" + new string(' ', 100_000));
        await RefusedAsync(station, "POST /api/v1/triggers HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + $"{100_000:x}\r\n" + new string(' ', 100_000) + "\r\n");
        Assert.Equal("UNSURE", (string)(await station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = "after" }))["verdict"]!);
        Assert.DoesNotContain("fail:", station.Program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Payload_OfTenMegabytes_IsRefusedThroughMosquitto()
    {
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await using var station = new Station(Configurations.External(mosquitto.Port, Configurations.Triggered("cam1", "sim:plates")));
        await station.StartAsync();
        await plc.UntilAsync("\"online\":true", TimeSpan.FromSeconds(30));
        foreach (var level in (string[])["trigger", "command"]) Assert.Equal(0, (await PublishLargeAsync(station, mosquitto.Port, level)).Code);
        await plc.UntilAsync($"The command has {TenMegabytes} bytes; it takes at most 4096", TimeSpan.FromSeconds(30), 2);
        await GoesOnAsync(station);
    }

    [Fact]
    public async Task Payload_OfTenMegabytes_IsRefusedByTheEmbeddedBroker()
    {
        await using var station = new Station(Configurations.Embedded(Configurations.Triggered("cam1", "sim:plates")));
        await station.StartAsync();
        foreach (var level in (string[])["trigger", "command", "status"]) await PublishLargeAsync(station, (int)station.Endpoints["mqttPort"]!, level);
        await GoesOnAsync(station);
    }

    private static async Task GoesOnAsync(Station station)
    {
        Assert.Equal("UNSURE", (string)(await station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = "after" }))["verdict"]!);
        Assert.True((bool)(await station.GetAsync("/api/v1/status"))["outbox"]!["connected"]!);
    }

    private static async Task<(int Code, string Output)> PublishLargeAsync(Station station, int port, string level)
    {
        var file = Path.Combine(station.Directory, "large");
        await File.WriteAllBytesAsync(file, new byte[TenMegabytes]);
        return await RunningProgram.RunAsync(
            Repository.Tool("/usr/bin/mosquitto_pub"), "-p", port.ToString(CultureInfo.InvariantCulture), "-V", "5", "-q", "1", "-t", $"inspection/{Configurations.StationName}/{level}", "-f", file);
    }

    private static async Task RefusedAsync(Station station, string request)
    {
        var answer = await SendAsync(new Uri((string)station.Endpoints["http"]!), request);
        var line = answer.Split('\r')[0];
        Assert.True(line.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), $"{request[..Math.Min(100, request.Length)]}: {line}");
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
    }

    private static async Task<string> SendAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        using var stream = client.GetStream();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), limit.Token);
        }
        catch (IOException)
        {
            // It has answered before it had read all.
        }

        var (answer, buffer) = (new StringBuilder(), new byte[4096]);
        try
        {
            while (await stream.ReadAsync(buffer, limit.Token) is > 0 and var read) answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // The connection was reset behind the answer.
        }

        return answer.ToString();
    }
}
