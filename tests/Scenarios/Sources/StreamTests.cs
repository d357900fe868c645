using System.Globalization;
using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Sources;

/// <summary>A stream that hangs, dies and comes back, against the built program.</summary>
public sealed class StreamTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Run_StreamHangsAndComesBack_TriggersAreFaultsMeanwhileAndTheStatusSaysSo()
    {
        var url = $"http://127.0.0.1:{FreePort.Find()}/line";
        await using var mosquitto = new Mosquitto();
        await mosquitto.StartAsync();
        await using var plc = await mosquitto.SubscribeAsync("inspection/#", "plc");
        await using var station = new Station(Configuration(url, mosquitto.Port));
        await using (var camera = Stream(url))
        {
            await station.StartAsync();
            await PhaseAsync(station, "Running");
            Assert.Equal("UNSURE", (string)(await TriggerAsync(station, "t1"))["verdict"]!);
            await camera.SignalAsync("STOP");
            var lost = await PhaseAsync(station, "Reopening");
            Assert.Contains("ReadTimeout", (string)lost["lastError"]!, StringComparison.Ordinal);
            var fault = await TriggerAsync(station, "t2");
            Assert.Equal(("FAULT", "camera"), ((string)fault["verdict"]!, (string)fault["reason"]!));
            Assert.Contains("does not deliver", (string)fault["detail"]!, StringComparison.Ordinal);
            await plc.UntilAsync("\"state\":\"degraded\"", Limit);
        }

        await using (Stream(url))
        {
            var restarts = (long)(await PhaseAsync(station, "Running"))["restarts"]!;
            Assert.NotEqual(0, restarts);
            Assert.Equal("UNSURE", (string)(await TriggerAsync(station, "t3"))["verdict"]!);
            await plc.UntilAsync(string.Create(CultureInfo.InvariantCulture, $"\"name\":\"cam1\",\"state\":\"running\",\"restarts\":{restarts}"), Limit);
            Assert.Equal(0, await station.Program.TerminateAsync());
        }

        await JournalFiles.AssertIntactAsync(station.State);
        var verdicts = await JournalFiles.VerdictsAsync(station.State);
        Assert.Equal([("t1", "UNSURE"), ("t2", "FAULT"), ("t3", "UNSURE")], verdicts.Select(v => (v.Trigger!, v.Kind)));
    }

    private static JsonObject Configuration(string url, int broker)
    {
        var camera = Configurations.Triggered("cam1", url);

        // How long the next ffmpeg takes to start is not what this is about.
        camera["RestartLimit"] = 1000;
        return Configurations.Tiles(broker, camera);
    }

    private static RunningProgram Stream(string url) => RunningProgram.Start(
        Repository.Tool("/usr/bin/ffmpeg"),
        [
            "-nostdin", "-hide_banner", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=25", "-c:v", "mjpeg", "-f", "mpjpeg", "-boundary_tag", "ffmpeg",
            "-content_type", "multipart/x-mixed-replace;boundary=ffmpeg", "-listen", "1", url,
        ]);

    private static Task<JsonNode> TriggerAsync(Station station, string id) => station.PostAsync("/api/v1/triggers", new JsonObject { ["id"] = id, ["deadlineMs"] = 10_000 });

    private static async Task<JsonNode> PhaseAsync(Station station, string phase) =>
        (await station.UntilAsync("/api/v1/status", s => (string)s["cameras"]![0]!["phase"]! == phase, Limit, $"the camera is {phase}"))["cameras"]![0]!;
}
