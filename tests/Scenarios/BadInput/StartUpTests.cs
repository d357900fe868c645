using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.BadInput;

/// <summary>What the service refuses to start with: a sentence that says what is wrong, and an exit code for scripts.</summary>
public sealed class StartUpTests
{
    private const int Failed = 1;
    private const int WrongUsage = 2;

    [Fact]
    public async Task Run_HttpPortInUse_NamesAddressAndSetting()
    {
        using var other = Occupy(out var port);
        await using var station = Plates();

        var (code, output) = await station.RefuseAsync($"Listen=http://127.0.0.1:{port}");

        Assert.Equal(Failed, code);
        Assert.Contains($"http://127.0.0.1:{port} is in use", output, StringComparison.Ordinal);
        Assert.Contains("set Listen to a free port", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BrokerPortInUse_NamesPortAndSetting()
    {
        using var other = Occupy(out var port);
        await using var station = Plates();

        var (code, output) = await station.RefuseAsync($"Mqtt:Port={port}");

        Assert.Equal(Failed, code);
        Assert.Contains($"Port {port} at 127.0.0.1 is in use", output, StringComparison.Ordinal);
        Assert.Contains("Mqtt:Port", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WrongKeysAndValues_NamesAllAtOnceWithTheNearestKey()
    {
        var configuration = Configurations.Embedded(Configurations.Free("cam1", "sim:plates", 5));
        configuration["Statoin"] = "x";
        configuration["Mqtt"]!["Prot"] = 1883;
        configuration["Training"] = new JsonObject { ["AfterLabels"] = "many" };
        configuration["Sampling"] = new JsonObject { ["OkShare"] = 7 };
        configuration["Cameras"]![0]!["Source"] = "sim:plates?sed=1";
        await using var station = new Station(configuration);

        var (code, output) = await station.RefuseAsync();

        Assert.Equal(WrongUsage, code);
        Assert.Contains("Statoin is not a setting. Did you mean 'Station'?", output, StringComparison.Ordinal);
        Assert.Contains("Mqtt:Prot is not a setting. Did you mean 'Port'?", output, StringComparison.Ordinal);
        Assert.Contains("Training:AfterLabels is 'many'; it takes a whole number.", output, StringComparison.Ordinal);
        Assert.Contains("Sampling:OkShare is 7; it takes 0 to 1.", output, StringComparison.Ordinal);
        Assert.Contains("did you mean 'seed'?", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(station.State));
    }

    [Fact]
    public async Task Run_UnknownSet_NamesTheNearestKey()
    {
        await using var station = Plates();

        var (code, output) = await station.RefuseAsync("Mqtt:Brokr=embedded");

        Assert.Equal(WrongUsage, code);
        Assert.Contains("Mqtt:Brokr is not a setting. Did you mean 'Broker'?", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SetWithoutValue_ShowsAnExample()
    {
        await using var station = Plates();

        var (code, output) = await station.RefuseAsync("Mqtt");

        Assert.Equal(WrongUsage, code);
        Assert.Contains("--set 'Mqtt' is not KEY=VALUE", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_MissingConfiguration_SaysWhereItLooked()
    {
        var (code, output) = await RunningProgram.RunAsync(Repository.Appliance, "run", "--config", "/nowhere/appliance.json");

        Assert.Equal(WrongUsage, code);
        Assert.Contains("/nowhere/appliance.json does not exist", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ConfigurationIsNoJson_NamesFileAndPlace()
    {
        await using var station = Plates();
        await File.WriteAllTextAsync(station.Config, "{ \"Station\": ", TestContext.Current.CancellationToken);

        var (code, output) = await station.RefuseAsync();

        Assert.Equal(WrongUsage, code);
        Assert.Contains(station.Config, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_MissingBackbone_NamesFileAndWhatMakesIt()
    {
        await using var station = Plates();

        var (code, output) = await station.RefuseAsync("Inspection:Backbone=/nowhere/backbone.onnx");

        Assert.Equal(Failed, code);
        Assert.Contains("/nowhere/backbone.onnx", output, StringComparison.Ordinal);
        Assert.Contains("trainer backbone", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static Station Plates() => new(Configurations.Embedded(Configurations.Free("cam1", "sim:plates", 5)));

    private static TcpListener Occupy(out int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return listener;
    }
}
