using MQTTnet.Server;

namespace Appliance.Tests.Messaging;

/// <summary>MQTTnet's broker, where a test needs one that misbehaves on purpose, or that says why it ends a connection.</summary>
internal sealed class TestServer : IDisposable
{
    private readonly MqttServer server;

    private TestServer(MqttServer server, int port) => (this.server, Port) = (server, port);

    public int Port { get; }

    public string Url => $"mqtt://127.0.0.1:{Port}";

    public static async Task<TestServer> StartAsync(Action<MqttServer> prepare)
    {
        var port = MosquittoBroker.FreePort();
        var server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointPort(port).WithPersistentSessions().Build());
        prepare(server);
        await server.StartAsync();
        return new(server, port);
    }

    public void Dispose() => server.Dispose();
}
