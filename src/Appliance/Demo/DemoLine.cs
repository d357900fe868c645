using System.Globalization;
using System.Text;
using System.Text.Json;
using Appliance.Inspection;
using Appliance.Messaging;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Appliance.Demo;

/// <summary>Plays the line's controller: a trigger a part over MQTT, and a subscriber for the verdicts.</summary>
internal sealed class DemoLine(string station, Reconciliation reconciliation, Scoreboard score, VerdictTally tally, TimeProvider time) : IAsyncDisposable
{
    private readonly IMqttClient client = new MqttClientFactory().CreateMqttClient();

    public async Task ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        var online = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.ApplicationMessageReceivedAsync += received =>
        {
            var json = Encoding.UTF8.GetString(received.ApplicationMessage.Payload);
            if (received.ApplicationMessage.Topic == $"inspection/{station}/status")
            {
                if (JsonSerializer.Deserialize(json, MessagingJson.Default.StatusMessage) is { Online: true }) online.TrySetResult();
                return Task.CompletedTask;
            }

            if (JsonSerializer.Deserialize(json, VerdictJson.Default.VerdictMessage) is { } verdict && reconciliation.Received(verdict, json))
            {
                tally.Take(verdict);
                score.Take(verdict);
            }

            return Task.CompletedTask;
        };
        var options = new MqttClientOptionsBuilder().WithTcpServer(host, port).WithProtocolVersion(MqttProtocolVersion.V500).WithClientId("demo-line").Build();
        await client.ConnectAsync(options, cancellation);
        var filter = new MqttTopicFilterBuilder().WithTopic($"inspection/{station}/verdicts/#").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        var status = new MqttTopicFilterBuilder().WithTopic($"inspection/{station}/status").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        await client.SubscribeAsync(new MqttClientSubscribeOptions { TopicFilters = [filter, status] }, cancellation);
        // Triggers sent before that are not kept for later.
        await online.Task.WaitAsync(cancellation);
    }

    /// <summary>A trigger every so often until cancelled.</summary>
    public async Task RunAsync(double ratePerSecond, CancellationToken cancellation)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(1 / ratePerSecond), time);
        for (var n = 1; await beat.WaitForNextTickAsync(cancellation); n++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"line-{n:D6}");
            reconciliation.Sent(id);
            var message = new MqttApplicationMessageBuilder()
                .WithTopic($"inspection/{station}/trigger").WithPayload($$"""{"id":"{{id}}"}""").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
            // What was counted as sent is sent, also when the demo ends at this moment.
            await client.PublishAsync(message, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (client.IsConnected) await client.DisconnectAsync();
        client.Dispose();
    }
}
