using System.Buffers;
using System.Collections.Concurrent;
using MQTTnet;
using MQTTnet.Protocol;

namespace Appliance.Messaging;

/// <summary>
/// One connection, from CONNACK to its end; never revived. Whoever publishes with QoS 1 holds one of <see cref="Slots"/> until the
/// acknowledgement, so that the broker's Receive Maximum is kept.
/// </summary>
internal sealed class BrokerSession : IAsyncDisposable
{
    private const string Json = "application/json";
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(1);
    private readonly IMqttClient client;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;
    private readonly string takenOver;
    private readonly ConcurrentBag<Task> abandoned = [];
    private readonly CancellationTokenSource ending = new();
    private readonly TaskCompletionSource<BrokerLostException> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Func<MqttApplicationMessageReceivedEventArgs, Task>? received;
    private volatile Func<MqttApplicationMessage, bool>? first;
    private volatile bool receiving;

    /// <param name="takenOver">What to say when another client takes the id.</param>
    public BrokerSession(IMqttClient client, int slots, TimeSpan timeout, string takenOver, TimeProvider time)
    {
        this.takenOver = takenOver;
        this.client = client;
        this.timeout = timeout;
        this.time = time;
        Slots = new SemaphoreSlim(slots, slots);
        client.DisconnectedAsync += OnDisconnected;
        client.ApplicationMessageReceivedAsync += OnReceived;
        if (!client.IsConnected) closed.TrySetResult(new("The connection ended at once."));
    }

    public SemaphoreSlim Slots { get; }

    /// <summary>Set before <see cref="SubscribeAsync"/>; called one message at a time.</summary>
    public Func<MqttApplicationMessageReceivedEventArgs, Task> Received
    {
        set => received = value;
    }

    /// <summary>Sees each message before <see cref="Received"/>, which gets those that it returns false for. Must be quick.</summary>
    public Func<MqttApplicationMessage, bool> First
    {
        set => first = value;
    }

    /// <summary>True while <see cref="Received"/> works on a message, so that those behind it wait for us and not for the broker.</summary>
    public bool IsReceiving => receiving;

    /// <summary>Throws <see cref="BrokerLostException"/> when the connection has ended.</summary>
    public async Task UntilClosedAsync(CancellationToken cancellation) => throw await closed.Task.WaitAsync(cancellation);

    /// <summary>How the connection ended, where it has; whoever was using it may have noticed before the reason was read. Null while it stands.</summary>
    public async Task<BrokerLostException?> EndAsync()
    {
        if (client.IsConnected) return null;
        await Task.WhenAny(closed.Task, Task.Delay(EndTime, time));
        return closed.Task.IsCompleted ? await closed.Task : null;
    }

    public static MqttApplicationMessage NewMessage(string topic, bool retain = false) => new()
    {
        Topic = topic,
        ContentType = Json,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        Retain = retain,
    };

    /// <summary>
    /// Writes to the socket before it returns, unless the connection is congested; the result comes with the acknowledgement.
    /// Messages go out in the order of the calls of one caller, who holds a slot for each and keeps the payload until then.
    /// </summary>
    /// <remarks>What is begun is cancelled by the session's end alone, here as below: half a packet, or an answer that nobody awaits, ends the connection, and with it the goodbye.</remarks>
    public Task<MqttClientPublishResult> Start(MqttApplicationMessage message)
    {
        try
        {
            return client.PublishAsync(message, ending.Token);
        }
        catch (Exception e) when (IsLoss(e, CancellationToken.None))
        {
            throw new BrokerLostException(e);
        }
    }

    /// <summary>Waits for the acknowledgement of a message that was started at <paramref name="startedAt"/>.</summary>
    /// <exception cref="BrokerLostException">Not acknowledged in time, refused, or the connection is gone.</exception>
    public async Task AcknowledgedAsync(Task<MqttClientPublishResult> started, long startedAt, string what, CancellationToken cancellation)
    {
        await AnsweredAsync(started, timeout - time.GetElapsedTime(startedAt), what, cancellation);
        var result = await started;
        if (result.IsSuccess) return;
        var code = result.ReasonCode;
        throw new BrokerLostException($"It refused {what} ({code} {Printable.Shorten(result.ReasonString)}).")
        {
            IsRefusal = true,
            IsForbidden = code is MqttClientPublishReasonCode.NotAuthorized or MqttClientPublishReasonCode.TopicNameInvalid,
        };
    }

    /// <summary>Its end, which the end of the connection brings at the latest, is awaited at disposal.</summary>
    public void Abandon(Task started) => abandoned.Add(started);

    /// <summary>Publishes and waits for the acknowledgement.</summary>
    public async Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, CancellationToken cancellation)
    {
        await Slots.WaitAsync(cancellation);
        try
        {
            var message = NewMessage(topic, retain);
            message.Payload = new ReadOnlySequence<byte>(payload);
            var startedAt = time.GetTimestamp();
            await AcknowledgedAsync(Start(message), startedAt, topic, cancellation);
        }
        finally
        {
            Slots.Release();
        }
    }

    /// <summary>Live messages only: what is retained comes marked as such, from a broker as from a sender, and from a broker only at the first subscription.</summary>
    public async Task SubscribeAsync(string topic, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var options = new MqttClientSubscribeOptionsBuilder().WithTopicFilter(topic, MqttQualityOfServiceLevel.AtLeastOnce, retainAsPublished: true).Build();
        var subscribing = client.SubscribeAsync(options, ending.Token);
        await AnsweredAsync(subscribing, timeout, $"the subscription to {topic}", cancellation);
        if ((await subscribing).Items.FirstOrDefault(i => (int)i.ResultCode >= 0x80) is not { } item) return;
        throw new BrokerLostException($"It refused the subscription to {topic} ({item.ResultCode}).")
        {
            IsRefusal = true,
            IsForbidden = item.ResultCode is not (MqttClientSubscribeResultCode.QuotaExceeded or MqttClientSubscribeResultCode.PacketIdentifierInUse),
        };
    }

    /// <summary>Returns once the broker has answered; finds a dead connection without any topic.</summary>
    public Task PingAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return AnsweredAsync(client.PingAsync(ending.Token), timeout, "a ping", cancellation);
    }

    /// <summary>Tells the broker that a received message is taken.</summary>
    public Task AcknowledgeAsync(MqttApplicationMessageReceivedEventArgs message, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return AnsweredAsync(BeginAsync(), timeout, $"that a message on {message.ApplicationMessage.Topic} was taken", cancellation);

        // An error before its first await becomes the task's too.
        async Task BeginAsync() => await message.AcknowledgeAsync(ending.Token);
    }

    /// <summary>An orderly end: the broker does not send the last will.</summary>
    public async Task DisconnectAsync(CancellationToken cancellation)
    {
        try
        {
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), cancellation);
        }
        catch (Exception e) when (IsLoss(e, CancellationToken.None))
        {
            // It is gone already.
        }
    }

    /// <summary>After the cancellation of everything that was started.</summary>
    public async ValueTask DisposeAsync()
    {
        client.DisconnectedAsync -= OnDisconnected;
        await ending.CancelAsync();
        try
        {
            client.Dispose();
        }
        catch (Exception e) when (e is ObjectDisposedException or NullReferenceException)
        {
            // MQTTnet was cleaning up after the lost connection by itself.
        }

        await Task.WhenAll(abandoned).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ending.Dispose();
    }

    /// <summary>Waits for what was started; what does not end well is awaited at disposal.</summary>
    private async Task AnsweredAsync(Task started, TimeSpan left, string what, CancellationToken cancellation)
    {
        try
        {
            await (started.IsCompleted ? started : started.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellation));
        }
        catch (TimeoutException e)
        {
            throw new BrokerLostException($"It did not acknowledge {what} within {timeout.TotalSeconds:0.###} s.", e) { IsTimeout = true };
        }
        catch (Exception e) when (IsLoss(e, cancellation))
        {
            throw new BrokerLostException(e);
        }
        finally
        {
            if (!started.IsCompletedSuccessfully) Abandon(started);
        }
    }

    /// <summary>
    /// A lost connection stays one while the loops are being cancelled, or it would pass for a fault of ours. MQTTnet clears its adapter
    /// while others still publish, which ends in a <see cref="NullReferenceException"/> there.
    /// </summary>
    private static bool IsLoss(Exception e, CancellationToken cancellation) => e switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,
        NullReferenceException => e.Source == "MQTTnet",
        _ => BrokerLostException.IsCommunication(e),
    };

    private async Task OnReceived(MqttApplicationMessageReceivedEventArgs message)
    {
        if (first?.Invoke(message.ApplicationMessage) == true || received is not { } handler) return;
        receiving = true;
        try
        {
            await handler(message);
        }
        finally
        {
            receiving = false;
        }
    }

    private Task OnDisconnected(MqttClientDisconnectedEventArgs e)
    {
        closed.TrySetResult(e switch
        {
            { Reason: MqttClientDisconnectReason.SessionTakenOver } => new(takenOver) { IsTakenOver = true },
            { Exception: { } cause, Reason: not MqttClientDisconnectReason.NotAuthorized } => new(cause),
            _ => new($"It ended the connection ({e.Reason} {Printable.Shorten(e.ReasonString)}).") { IsForbidden = e.Reason == MqttClientDisconnectReason.NotAuthorized },
        });
        return Task.CompletedTask;
    }
}
