using Appliance.Messaging;

namespace Appliance.Tests.Messaging;

public sealed class MqttOptionsTests
{
    [Fact]
    public void Validate_Defaults_HaveNoError() => Assert.Empty(new MqttOptions().Validate("Mqtt"));

    [Fact]
    public void Validate_EverythingWrong_NamesEachKeyWithItsValueAndRange()
    {
        var options = new MqttOptions
        {
            Broker = "http://broker", PasswordFile = "/nowhere/password", Listen = "localhost", Port = 70_000, ClientId = "a/b", KeepAlive = TimeSpan.Zero,
            PublishTimeout = TimeSpan.FromHours(1), Window = 0, ResendSpan = TimeSpan.FromSeconds(-1), ResendLimit = -1, Heartbeat = TimeSpan.FromHours(1),
            DrainTime = TimeSpan.FromHours(1), BrokerQueueLimit = 1,
        };
        var errors = options.Validate("Mqtt").ToList();
        foreach (var expected in new[]
        {
            "Mqtt:Broker is 'http://broker'; it takes 'embedded' or 'mqtt://host:port'.", "Mqtt:PasswordFile is given without Mqtt:User", "'/nowhere/password', which is not there",
            "Mqtt:Listen is 'localhost'; it takes an IP address", "Mqtt:Port is 70000; it takes 0", "Mqtt:ClientId is 'a/b'; it takes 1 to 64", "Mqtt:KeepAlive is 00:00:00;",
            "Mqtt:PublishTimeout is 01:00:00;", "Mqtt:Window is 0; it takes 1 to 1000.", "Mqtt:ResendSpan is -00:00:01;", "Mqtt:ResendLimit is -1;", "Mqtt:Heartbeat is 01:00:00;",
            "Mqtt:DrainTime is 01:00:00;", "Mqtt:BrokerQueueLimit is 1; it takes 100 to 10000000.",
        }) Assert.Single(errors, error => error.Contains(expected, StringComparison.Ordinal));
        Assert.Equal(14, errors.Count);
    }

    [Theory]
    [InlineData("embedded", true, "127.0.0.1", 1883)]
    [InlineData("mqtt://plant", false, "plant", 1883)]
    [InlineData("mqtt://10.0.0.5:1884", false, "10.0.0.5", 1884)]
    [InlineData("mqtt://plant/", false, "plant", 1883)]
    public void Address_Good_IsRead(string text, bool embedded, string host, int port) =>
        Assert.Equal(new BrokerAddress(embedded, host, port), new MqttOptions { Broker = text }.Address);

    [Theory]
    [InlineData("mqtts://plant", "TLS is not supported yet")]
    [InlineData("mqtt://user:secret@plant", "go into User and PasswordFile")]
    [InlineData("mqtt://plant/path", "no path or query")]
    [InlineData("mqtt://plant:0", "the port is 0")]
    [InlineData("plant:1883", "it takes 'embedded' or 'mqtt://host:port'")]
    [InlineData("", "it takes 'embedded' or 'mqtt://host:port'")]
    public void Broker_Wrong_SaysWhy(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(new MqttOptions { Broker = text }.Validate("Mqtt")), StringComparison.Ordinal);
}
