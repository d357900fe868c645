using Appliance.Hosting;
using Testing.Files;

namespace Appliance.Tests.Hosting;

public sealed class ApplianceConfigurationTests : IDisposable
{
    private const string Least = """{ "Cameras": [ { "Name": "c1", "Source": "sim:plates" } ] }""";
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Load_TheLeast_TakesDefaultsAndMakesPathsAbsolute()
    {
        var (options, errors) = Load(Least);
        Assert.Empty(errors);
        Assert.Equal("c1", Assert.Single(options!.Cameras).Name);
        Assert.Equal(directory["state"], options.StateDirectory);
        Assert.True(Path.IsPathFullyQualified(options.Inspection.Backbone));
        Assert.True(Path.IsPathFullyQualified(options.Training.Program));
    }

    [Fact]
    public void Load_TheExampleForADeployment_IsRightButForItsCamera()
    {
        var (_, errors) = ApplianceConfiguration.Load(Path.Combine(ApplianceProgram.RepositoryRoot, "deploy/appliance.json"), ["Cameras:0:Source=sim:plates"]);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("""{ "Sation": "s1" }""", "Sation is not a setting. Did you mean 'Station'?")]
    [InlineData("""{ "Mqtt": { "Prot": 1 } }""", "Mqtt:Prot is not a setting. Did you mean 'Port'?")]
    [InlineData("""{ "Cameras": [ { "Nme": "c1" } ] }""", "Cameras:0:Nme is not a setting. Did you mean 'Name'?")]
    [InlineData("""{ "Inspection": { "Region": { "With": 1 } } }""", "Inspection:Region:With is not a setting.")]
    [InlineData("""{ "Nothing like it": 1 }""", "Nothing like it is not a setting.")]
    public void Load_AnUnknownKey_NamesItAndTheNearestRightOne(string json, string expected) => Assert.Contains(Load(json).Errors, e => e.StartsWith(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("rtsp://127.0.0.1/line", null, "00:00:00.5", "Inspection:Deadline is 00:00:00.5000000, and a trigger of camera 'c1' waits 00:00:00.5000000 until its picture is sure to be younger than it (Cameras:0:Latency)")]
    [InlineData("rtsp://127.0.0.1/line", "00:00:02", "00:00:02.02", "It takes more than 00:00:02.0250000;")]
    [InlineData("rtsp://127.0.0.1/line", null, "00:00:00.6", null)]
    [InlineData("sim:plates", null, "00:00:00.1", null)]
    public void Load_DeadlineThatIsOverBeforeACamerasPictureMayCome_IsRefused(string source, string? latency, string deadline, string? expected)
    {
        var json = $$"""{ "Cameras": [ { "Name": "c1", "Source": "{{source}}" {{(latency is null ? "" : $", \"Latency\": \"{latency}\"")}} } ], "Inspection": { "Deadline": "{{deadline}}" } }""";
        var errors = Load(json).Errors.Where(e => e.StartsWith("Inspection:Deadline", StringComparison.Ordinal)).ToList();
        if (expected is null) Assert.Empty(errors);
        else Assert.Contains(expected, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Mqtt": { "Port": "many" } }""", "Mqtt:Port is 'many'; it takes a whole number.")]
    [InlineData("""{ "Mqtt": { "Port": 99999999999 } }""", "Mqtt:Port is '99999999999'; it takes a whole number.")]
    [InlineData("""{ "Mqtt": { "Port": { "Value": 1 } } }""", "Mqtt:Port is a group of settings; it takes a whole number.")]
    [InlineData("""{ "Mqtt": { "Port": [ 1 ] } }""", "Mqtt:Port is a group of settings; it takes a whole number.")]
    [InlineData("""{ "Mqtt": "embedded" }""", "Mqtt is 'embedded'; it takes a group of settings: Broker, ")]
    [InlineData("""{ "Cameras": "sim:plates" }""", "Cameras is 'sim:plates'; it takes a list.")]
    [InlineData("""{ "Cameras": { "Name": "c1" } }""", "Cameras is a group of settings; it takes a list.")]
    [InlineData("""{ "Cameras": [ "sim:plates" ] }""", "Cameras:0 is 'sim:plates'; it takes a group of settings: Name, ")]
    [InlineData("""{ "Cameras": [ null ] }""", "Cameras:0 is null or empty;")]
    [InlineData("""{ "Cameras": [ { "Mode": "Sometimes" } ] }""", "Cameras:0:Mode is 'Sometimes'; it takes one of Free, Trigger.")]
    [InlineData("""{ "Sampling": { "OkShare": "half" } }""", "Sampling:OkShare is 'half'; it takes a number.")]
    [InlineData("""{ "Training": { "TimeLimit": "soon" } }""", "Training:TimeLimit is 'soon'; it takes a duration such as 00:00:05.")]
    [InlineData("""{ "Station": null }""", "Station is null or empty; it takes text. Leave it out for the default.")]
    [InlineData("""{ "Mqtt": null }""", "Mqtt is null or empty;")]
    public void Load_AValueOfTheWrongKind_SaysWhichAndWhatItTakes(string json, string expected)
    {
        var (options, errors) = Load(json);
        Assert.Null(options);
        Assert.Contains(errors, e => e.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_NullWhereNothingIsAnAnswer_IsTaken() =>
        Assert.Empty(Load("""{ "Cameras": [ { "Name": "c2" } ], "Mqtt": { "User": null }, "Inspection": { "Threads": null, "Region": null } }""").Errors);

    [Fact]
    public void Load_ErrorsInEverySection_NamesAllAtOnce()
    {
        var (options, errors) = Load("""
            {
              "Station": "a/b", "Listen": "https://localhost", "GoodClass": " ", "Recipe": "#",
              "Cameras": [ { "Name": "c1", "QueueLength": 0, "RatePerSecond": -1 }, { "Name": "C1", "Source": "simm:plates" } ],
              "Inspection": { "DeadlineMargin": "00:00:11", "Threads": 1000, "Backbone": "", "Region": { "X": -1, "WidthPx": 5, "HeightPx": 5 } },
              "Mqtt": { "Port": 70000, "Window": 0 }, "Sampling": { "OkShare": 1.5, "QueueLength": 0 }, "Training": { "AfterLabels": -1, "Every": "99.00:00:00", "TimeLimit": "00:00:01", "Program": "" }
            }
            """);
        Assert.Null(options);
        string[] keys = [
            "Station", "Listen", "GoodClass", "Recipe", "Cameras:0:QueueLength", "Cameras:0:RatePerSecond", "Cameras:1:Source", "Cameras:", "Inspection:DeadlineMargin", "Inspection:Threads", "Inspection:Backbone", "Inspection:Region",
            "Mqtt:Port", "Mqtt:Window", "Sampling:OkShare", "Sampling:QueueLength", "Training:AfterLabels", "Training:Every", "Training:TimeLimit", "Training:Program"];
        Assert.All(keys, key => Assert.Contains(errors, e => e.StartsWith(key, StringComparison.Ordinal)));
        Assert.Contains(errors, e => e.Contains("did you mean 'sim:'?", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("used 2 times", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\n \"Station\": ", "from line 2 on it is no JSON")]
    [InlineData("{ \"Station\": \"a\", \"station\": \"b\" }", "cannot be read")]
    [InlineData("[]", "cannot be read")]
    [InlineData("", "cannot be read")]
    [InlineData("{}", "Cameras is empty")]
    public void Load_ABrokenFile_SaysSo(string json, string expected) => Assert.Contains(expected, Assert.Single(Load(json).Errors), StringComparison.Ordinal);

    [Fact]
    public void Load_NoFile_NamesItAndTheOption()
    {
        var (_, errors) = ApplianceConfiguration.Load(directory["none.json"], []);
        Assert.Contains(directory["none.json"], Assert.Single(errors), StringComparison.Ordinal);
        Assert.Contains("--config", errors[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mqtt:Port")]
    [InlineData("=1884")]
    [InlineData("")]
    public void Load_ASettingThatIsNoPair_IsRefused(string setting) => Assert.Contains("KEY=VALUE", Assert.Single(Load(Least, setting).Errors), StringComparison.Ordinal);

    [Fact]
    public void Load_Settings_GoOverTheFileAndAreCheckedToo()
    {
        Assert.Equal(1884, Load(Least, "Mqtt:Port=1884", "Station=s1", "Station=s2").Options!.Mqtt.Port);
        Assert.Equal("Mqtt:Prot is not a setting. Did you mean 'Port'?", Assert.Single(Load(Least, "Mqtt:Prot=1884").Errors));
    }

    [Fact]
    public void Load_ARelativePasswordFile_StartsAtTheConfiguration()
    {
        File.WriteAllText(directory["secret"], "x");
        Assert.Equal(directory["secret"], Load(Least, "Mqtt:User=u", "Mqtt:PasswordFile=secret").Options!.Mqtt.PasswordFile);
    }

    [Fact]
    public async Task Run_WithAnEnvironment_GoesOverTheFileAndUnderTheCommandLine()
    {
        File.WriteAllText(directory["appliance.json"], Least);
        var environment = new Dictionary<string, string> { ["APPLIANCE__Station"] = "from env", ["APPLIANCE__Cameras__0__Name"] = "no/topic", ["APPLIANCE__Mqtt__Port"] = "70001" };
        var (code, _, error) = await ApplianceProgram.RunAsync(environment, "run", "--config", directory["appliance.json"], "--set", "Mqtt:Port=70002");
        Assert.Equal(2, code);
        Assert.Contains("Station is 'from env'", error, StringComparison.Ordinal);
        Assert.Contains("Cameras:0:Name is 'no/topic'", error, StringComparison.Ordinal);
        Assert.Contains("Mqtt:Port is 70002", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_VariablesThatAreNoSettings_AreLeftAloneButASettingWithOneUnderscoreIsNot()
    {
        File.WriteAllText(directory["appliance.json"], Least);
        var environment = new Dictionary<string, string> { ["APPLIANCE_URL"] = "http://127.0.0.1:1", ["APPLIANCE_PORT_8080_TCP"] = "tcp://x", ["APPLIANCE_Mqtt__Port"] = "1" };
        var (code, _, error) = await ApplianceProgram.RunAsync(environment, "run", "--config", directory["appliance.json"]);
        Assert.Equal(2, code);
        Assert.Equal("The environment variable APPLIANCE_Mqtt__Port is not read. Write APPLIANCE__Mqtt__Port, with two underscores.", error.Trim());
    }

    private (ApplianceOptions? Options, IReadOnlyList<string> Errors) Load(string json, params string[] settings)
    {
        File.WriteAllText(directory["appliance.json"], json);
        return ApplianceConfiguration.Load(directory["appliance.json"], settings);
    }
}
