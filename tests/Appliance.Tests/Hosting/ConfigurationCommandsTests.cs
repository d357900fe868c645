using Testing.Files;

namespace Appliance.Tests.Hosting;

/// <summary>config check and config show, as processes.</summary>
public sealed class ConfigurationCommandsTests : IDisposable
{
    private const string Password = "s3cret-of-camera", Token = "t0ken-in-query";
    private readonly TemporaryDirectory directory = new();

    public ConfigurationCommandsTests() => Write($$"""
        {
          // A comment, as configurations may have.
          "Station": "line1",
          "Cameras": [
            { "Name": "c1", "Source": "sim:plates",
              "QueueLength": 4 },
            { "Name": "c2", "Source": "rtsp://viewer:{{Password}}@camera/stream?key={{Token}}" }
          ],
          "Mqtt": { "User": null }
        }
        """);

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Check_ManyErrors_NamesAllAndEndsWith2()
    {
        Write($$"""{ "Sation": "a", "Listen": "http://u:{{Password}}@host", "Mqtt": { "Broker": "mqtt://u:{{Password}}@plant", "Port": 70000 }, "Cameras": "rtsp://u:{{Password}}@c" }""");
        var (code, output, error) = await RunAsync("check", "--set", "Sampling:OkShare=2");
        Assert.Equal(2, code);
        Assert.Empty(output);
        string[] said = ["Sation is not a setting. Did you mean 'Station'?", "Listen is '", "Mqtt:Broker is '", "Mqtt:Port is 70000; it takes 0 (any free port) to 65535.", "Cameras is '", "Sampling:OkShare is 2; it takes 0 to 1."];
        Assert.All(said, text => Assert.Contains(text, error, StringComparison.Ordinal));
        Assert.DoesNotContain(Password, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_RightButOpenToTheNetworkAndReadableByAll_WarnsAndEndsWith0()
    {
        await File.WriteAllTextAsync(directory["password"], Password, TestContext.Current.CancellationToken);
        Allow("password", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Allow("appliance.json", UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var (code, output, error) = await RunAsync("check", "--set", "Listen=http://0.0.0.0:8080", "--set", "Mqtt:Listen=0.0.0.0", "--set", "Mqtt:User=u", "--set", "Mqtt:PasswordFile=password", "--set", "Training:Program=/nowhere");
        Assert.Equal(0, code);
        Assert.Contains("is right", output, StringComparison.Ordinal);
        string[] warnings = ["Warning: Listen is 'http://0.0.0.0:8080'", "Warning: Mqtt:Listen is '0.0.0.0'", "chmod 600 " + directory["password"], "chmod 640 " + directory["appliance.json"], "Training:Program is '/nowhere', which is not there"];
        Assert.All(warnings, text => Assert.Contains(text, error, StringComparison.Ordinal));
        Assert.DoesNotContain(Password, output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Right_SaysNothingElse()
    {
        Write($$"""{ "Cameras": [ { "Source": "sim:plates" } ], "Inspection": { "Backbone": "{{TestModel.Fixture("backbone")}}" }, "Training": { "Program": "/bin/true" } }""");
        Assert.Equal((0, $"{directory["appliance.json"]} is right.", ""), await RunAsync("check") is var (code, output, error) ? (code, output.Trim(), error) : default);
    }

    [Fact]
    public async Task Show_AFileWithEnvironmentAndSettings_NamesThePlaceOfEachAndNoSecret()
    {
        var environment = new Dictionary<string, string> { ["APPLIANCE__Mqtt__Port"] = "1884", ["APPLIANCE__Recipe"] = "gear" };
        var (code, output, error) = await ApplianceProgram.RunAsync(environment, "config", "show", "--config", directory["appliance.json"], "--set", "Recipe=wheel");
        Assert.Equal((0, ""), (code, error));
        var lines = output.Split('\n');
        AssertLine(lines, "Station ", "line1", "appliance.json:3");
        AssertLine(lines, "Cameras:0:QueueLength ", "4", "appliance.json:6");
        AssertLine(lines, "Cameras:1:Source ", "rtsp://camera/stream", "appliance.json:7");
        AssertLine(lines, "Mqtt:User ", "(none)", "appliance.json:9");
        AssertLine(lines, "Mqtt:Port ", "1884", "environment APPLIANCE__Mqtt__Port");
        AssertLine(lines, "Recipe ", "wheel", "--set");
        AssertLine(lines, "Mqtt:KeepAlive ", "00:00:10", "default");
        Assert.DoesNotContain(Password, output, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_AWrongFile_Is2()
    {
        Write("""{ "Cameras": [] }""");
        var (code, output, error) = await RunAsync("show");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("Cameras is empty", error, StringComparison.Ordinal);
    }

    private static void AssertLine(string[] lines, string key, string value, string place)
    {
        var line = Assert.Single(lines, l => l.StartsWith(key, StringComparison.Ordinal));
        Assert.Contains(value, line, StringComparison.Ordinal);
        Assert.EndsWith("  " + place, line.TrimEnd(), StringComparison.Ordinal);
    }

    private Task<ProgramResult> RunAsync(string command, params string[] more) => ApplianceProgram.RunAsync(["config", command, "--config", directory["appliance.json"], .. more]);

    private void Allow(string file, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(directory[file], mode);
    }

    private void Write(string json) => File.WriteAllText(directory["appliance.json"], json);
}
