using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Appliance.Capture;
using Appliance.Hosting;
using Appliance.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;

namespace Benchmarks;

/// <summary>Triggers of a camera without pictures: when their FAULT reaches a subscriber, against the deadline.</summary>
internal static class DeadlineBenchmark
{
    private const string Topic = "inspection/bench/";

    public static Benchmark Entry { get; } = new("deadline", "FAULT at the subscriber against the deadline [--triggers 1000] [--deadline 200] [--broker embedded|mqtt://127.0.0.1:1883]", Run);

    private static async Task Run(BenchmarkArguments arguments)
    {
        var (count, deadlineMs) = (arguments.Number("triggers", 1000), arguments.Number("deadline", 200));
        var directory = Directory.CreateTempSubdirectory("deadline-").FullName;
        var options = new ApplianceOptions { Station = "bench", StateDirectory = Path.Combine(directory, "state"), Cameras = [new CameraOptions { Name = "cam1", Mode = CameraMode.Trigger, Source = $"folder:{directory}?watch=true" }] };
        options.Inspection.Backbone = Path.Combine(Repository.Root, "out/trainer/backbones/efficientnet_lite0-320.onnx");
        (options.Mqtt.Broker, options.Mqtt.Port) = (arguments.Text("broker") ?? "embedded", 0);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.AddStation(options);
        using var host = builder.Build();
        await host.StartAsync();
        var address = host.Services.GetRequiredService<BrokerConnector>().Address;
        await host.Services.GetRequiredService<MqttTriggers>().Subscribed;
        var late = await MeasureAsync(address, count, deadlineMs);
        await host.StopAsync();
        Directory.Delete(directory, recursive: true);
        Array.Sort(late);
        Console.WriteLine($"{count} triggers with a deadline of {deadlineMs} ms, 100 a second, broker {address}; FAULT at the subscriber, ms after the deadline (negative: before)");
        Console.WriteLine($"  p50 {late[count / 2]:0.00}, p99 {late[count * 99 / 100]:0.00}, p99.9 {late[count * 999 / 1000]:0.00}, last {late[^1]:0.00}; {late.Count(ms => ms > 0)} after the deadline");
    }

    /// <summary>From before the trigger is handed to the client until its FAULT is there, less the deadline, ms.</summary>
    private static async Task<double[]> MeasureAsync(BrokerAddress address, int count, int deadlineMs)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var (sent, late, all) = (new ConcurrentDictionary<string, long>(), new ConcurrentBag<double>(), new TaskCompletionSource());
        client.ApplicationMessageReceivedAsync += message =>
        {
            var now = Stopwatch.GetTimestamp();
            using var verdict = JsonDocument.Parse(message.ApplicationMessage.Payload);
            if (verdict.RootElement.GetProperty("reason").GetString() is not "deadline" and var reason) all.TrySetException(new BenchmarkException($"a verdict's reason was {reason}, not deadline"));
            late.Add(Stopwatch.GetElapsedTime(sent[verdict.RootElement.GetProperty("trigger").GetString()!], now).TotalMilliseconds - deadlineMs);
            if (late.Count == count) all.TrySetResult();
            return Task.CompletedTask;
        };
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer(address.Host, address.Port).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).Build());
        await client.SubscribeAsync(Topic + "verdicts/cam1", MqttQualityOfServiceLevel.AtLeastOnce);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var i = 0; i < count && await beat.WaitForNextTickAsync(); i++)
        {
            sent[$"t-{i}"] = Stopwatch.GetTimestamp();
            await client.PublishStringAsync(Topic + "trigger", $$"""{"id":"t-{{i}}","deadlineMs":{{deadlineMs}}}""", MqttQualityOfServiceLevel.AtLeastOnce);
        }

        await all.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await client.DisconnectAsync();
        return [.. late];
    }
}
