using System.Diagnostics;
using System.Globalization;
using System.Net;
using Appliance.Hosting;
using Appliance.Messaging;

namespace Appliance.Diagnosis;

/// <summary>Connects to the broker as the station does, and sends itself a message through it, while no service is connected.</summary>
internal static class BrokerCheck
{
    private const string About = "broker", Advice = "Start the broker, or correct Mqtt in the configuration. Without it verdicts wait in the journal.";

    public static async Task<Finding> TryAsync(ApplianceOptions options, CancellationToken cancellation)
    {
        var (mqtt, address) = (options.Mqtt, options.Mqtt.Address);
        if (address.IsEmbedded)
            return PortCheck.Try(IPAddress.Parse(mqtt.Listen), mqtt.Port) is { } taken
                ? Finding.Failed(About, $"the embedded one cannot listen at {mqtt.Listen}:{mqtt.Port}: {taken}", "Stop the program that listens there ('ss -ltnp' names it), or set Mqtt:Port.")
                : Finding.Ok(About, $"the embedded one can listen at {mqtt.Listen}:{mqtt.Port}");
        try
        {
            var took = await LoopAsync(options, cancellation);
            return Finding.Ok(About, string.Create(CultureInfo.InvariantCulture, $"{address} answers; there and back in {took.TotalMilliseconds:F1} ms"));
        }
        catch (BrokerLostException e)
        {
            return Finding.Failed(About, $"{address}: {e.Message}", Advice);
        }
    }

    /// <exception cref="BrokerLostException">Not reached, refused, or nothing came back in time.</exception>
    private static async Task<TimeSpan> LoopAsync(ApplianceOptions options, CancellationToken cancellation)
    {
        var topics = new Topics(options.Station);
        // With the station's own id it would throw out a service of another machine that is named alike by mistake.
        options.Mqtt.ClientId = $"doctor-{Guid.NewGuid():n}";
        var connector = new BrokerConnector(options.Mqtt, topics, null, TimeProvider.System);
        await using var session = await connector.ConnectAsync(null, cancellation);
        var (back, probe) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), Guid.NewGuid().ToByteArray());
        session.First = message =>
        {
            if (message.Topic != topics.Loop) return false;
            var payload = System.Buffers.BuffersExtensions.ToArray(message.Payload);
            if (payload.AsSpan().SequenceEqual(probe)) back.TrySetResult();
            return true;
        };
        await session.SubscribeAsync(topics.Loop, cancellation);
        var start = Stopwatch.GetTimestamp();
        await session.PublishAsync(topics.Loop, probe, retain: false, cancellation);
        try
        {
            await back.Task.WaitAsync(options.Mqtt.PublishTimeout, cancellation);
        }
        catch (TimeoutException)
        {
            throw new BrokerLostException($"It takes {topics.Loop} and does not deliver it. Let {options.Mqtt.Who} read and write it.");
        }

        return Stopwatch.GetElapsedTime(start);
    }
}
