using System.Text.Json.Nodes;
using Appliance.Tests.Messaging;

namespace Appliance.Tests.Hosting;

/// <summary>Passwords reach who needs them, and nobody else.</summary>
public sealed class SecretsTests : IAsyncLifetime
{
    private const string OfTheBroker = "br0ker-s3cret", OfTheCamera = "c4mera-s3cret", OfTheQuery = "t0ken-s3cret";
    private readonly ServiceProcess station = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => station.DisposeAsync();

    [Fact]
    public async Task Run_WithSecretsAtTheHighestLogLevel_NeverSaysOne()
    {
        // A broker that refuses the user, a camera that is not there: errors are where secrets slip out.
        await using var broker = await MosquittoBroker.StartAsync("allow_anonymous false");
        await File.WriteAllTextAsync(station.PathOf("password"), OfTheBroker, Cancellation);
        var configuration = station.Configuration();
        configuration["Logging"] = new JsonObject { ["Level"] = "Trace" };
        configuration["Cameras"]!.AsArray().Add(new JsonObject { ["Name"] = "c2", ["Source"] = $"rtsp://viewer:{OfTheCamera}@127.0.0.1:9/stream?key={OfTheQuery}", ["OpenTimeout"] = "00:00:01", ["ReadTimeout"] = "00:00:01" });
        configuration["Mqtt"] = new JsonObject { ["Broker"] = $"mqtt://127.0.0.1:{broker.Port}", ["User"] = "station", ["PasswordFile"] = "password", ["PublishTimeout"] = "00:00:02" };
        station.Write(configuration);
        await station.StartAsync();
        await station.SaysAsync("Check Mqtt:User and Mqtt:PasswordFile");
        await station.SaysAsync("Camera c2 does not deliver");
        var heard = string.Concat(
            await station.Http.GetStringAsync(new Uri(station.Address + "/api/v1/status"), Cancellation), await station.Http.GetStringAsync(new Uri(station.Address + "/metrics"), Cancellation),
            await (await station.Http.GetAsync(new Uri(station.Address + "/readyz"), Cancellation)).Content.ReadAsStringAsync(Cancellation));
        foreach (string[] command in (string[][])[["config", "show"], ["config", "check"], ["doctor"]])
        {
            var (_, output, error) = await ApplianceProgram.RunAsync([.. command, "--config", station.Config]);
            heard += output + error;
        }

        Assert.Equal(0, await station.StopAsync());
        heard += station.Output;
        Assert.Contains("rtsp://127.0.0.1:9/stream", heard, StringComparison.Ordinal);
        Assert.All([OfTheBroker, OfTheCamera, OfTheQuery], secret => Assert.DoesNotContain(secret, heard, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_WithACredentialOfSystemd_TakesItForThePassword()
    {
        var credentials = Directory.CreateDirectory(station.PathOf("credentials")).FullName;
        await File.WriteAllTextAsync(Path.Combine(credentials, "mqtt-password"), OfTheBroker + "\n", Cancellation);
        await using var broker = await MosquittoBroker.StartAsync($"allow_anonymous false\npassword_file {await PasswordsAsync()}");
        var configuration = station.Configuration();
        configuration["Mqtt"] = new JsonObject { ["Broker"] = $"mqtt://127.0.0.1:{broker.Port}", ["User"] = "station" };
        station.Write(configuration);
        await station.StartAsync(new Dictionary<string, string> { ["CREDENTIALS_DIRECTORY"] = credentials });
        await station.UntilAsync(async () => (bool)(await station.GetAsync("/api/v1/status"))["outbox"]!["connected"]!, "the broker takes the password");
        Assert.Equal(0, await station.StopAsync());
        Assert.DoesNotContain(OfTheBroker, station.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_WithAnEmptyCredential_HasNoPasswordFile()
    {
        var credentials = Directory.CreateDirectory(station.PathOf("credentials")).FullName;
        await File.WriteAllTextAsync(Path.Combine(credentials, "mqtt-password"), "\n", Cancellation);
        var environment = new Dictionary<string, string> { ["CREDENTIALS_DIRECTORY"] = credentials };
        var (code, output, _) = await ApplianceProgram.RunAsync(environment, "config", "show", "--config", station.Config, "--set", "Mqtt:User=station");
        Assert.Equal(0, code);
        Assert.Matches(@"Mqtt:PasswordFile +\(none\)", output);
    }

    [Fact]
    public async Task Show_WithACredentialThatCannotBeRead_NamesItAndDoesNotCrash()
    {
        // Also root, who may read everything, gets an I/O error from the first byte of this.
        var credentials = Directory.CreateDirectory(station.PathOf("credentials")).FullName;
        File.CreateSymbolicLink(Path.Combine(credentials, "mqtt-password"), "/proc/self/mem");
        var environment = new Dictionary<string, string> { ["CREDENTIALS_DIRECTORY"] = credentials };
        var (code, output, error) = await ApplianceProgram.RunAsync(environment, "config", "show", "--config", station.Config, "--set", "Mqtt:User=station");
        Assert.Equal((0, ""), (code, error));
        Assert.Matches("Mqtt:PasswordFile +.*/credentials/mqtt-password", output);
    }

    [Fact]
    public async Task Run_WithoutAPassword_IsToldSoByCheckAndByTheRefusal()
    {
        await using var broker = await MosquittoBroker.StartAsync("allow_anonymous false");
        await File.WriteAllTextAsync(station.PathOf("password"), "\n", Cancellation);
        var configuration = station.Configuration();
        configuration["Mqtt"] = new JsonObject { ["Broker"] = $"mqtt://127.0.0.1:{broker.Port}", ["User"] = "station", ["PasswordFile"] = "password" };
        station.Write(configuration);
        var (code, _, error) = await ApplianceProgram.RunAsync("config", "check", "--config", station.Config);
        Assert.Equal(0, code);
        Assert.Matches("Mqtt:PasswordFile: the first line of .*/password is empty", error);
        await station.StartAsync();
        await station.SaysAsync("It refuses user 'station' without a password");
        Assert.Equal(0, await station.StopAsync());
    }

    private async Task<string> PasswordsAsync()
    {
        var file = station.PathOf("passwords");
        var (code, output, error) = await ApplianceProgram.RunAsync("/usr/bin/mosquitto_passwd", new Dictionary<string, string>(), ["-b", "-c", file, "station", OfTheBroker]);
        Assert.True(code == 0, output + error);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return file;
    }
}
