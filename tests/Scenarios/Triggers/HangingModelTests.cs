using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Triggers;

/// <summary>A real network that a picture sends into a loop without end: every trigger gets its FAULT, and the service manager hears nothing more.</summary>
public sealed class HangingModelTests : IAsyncLifetime
{
    private const int WhileItHangs = 6;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Mosquitto mosquitto = new();
    private readonly string pictures = Directory.CreateTempSubdirectory("pictures-").FullName;
    private Station? station;

    public async ValueTask InitializeAsync()
    {
        await mosquitto.StartAsync();
        var camera = Configurations.Triggered("cam1", $"folder:{pictures}?watch=true");
        camera["QueueLength"] = 2;
        var configuration = Configurations.External(mosquitto.Port, camera);
        configuration["Inspection"] = new JsonObject { ["Backbone"] = Path.Combine(Repository.Root, "tests/Inference.Tests/Fixtures/backbone-hanging.onnx") };
        station = new Station(configuration);
    }

    public async ValueTask DisposeAsync()
    {
        if (station is not null) await station.DisposeAsync();
        await mosquitto.DisposeAsync();
        Directory.Delete(pictures, recursive: true);
    }

    [Fact]
    public async Task Model_ThatHangs_CostsEveryTriggerItsDeadlineStarvesTheWatchdogAndIsOverAfterTheRestart()
    {
        await using var plc = await mosquitto.SubscribeAsync("inspection/line/#", "plc");
        await using var controller = mosquitto.Publisher("inspection/line/trigger");
        await using (var manager = new ServiceManager(station!, watchdog: TimeSpan.FromSeconds(4)))
        {
            await manager.UntilAsync("WATCHDOG=1");
            await plc.UntilAsync("\"online\":true", Limit);
            await TriggerAsync(controller, plc, "grey-0", 128, "\"reason\":\"no-model\"");
            await TriggerAsync(controller, plc, "red", 0, "\"reason\":\"deadline\"");
            await manager.UntilLineAsync("stands still");
            manager.Drain();
            for (var i = 1; i <= WhileItHangs; i++) await TriggerAsync(controller, plc, $"grey-{i}", 128, "\"reason\":\"deadline\"");
            Assert.True(manager.IsSilent);
        }

        await station!.StartAsync();
        await plc.UntilAsync("\"online\":true,\"state\":\"running\",\"epoch\":2,", Limit);
        await TriggerAsync(controller, plc, "grey-again", 128, "\"reason\":\"no-model\"");

        Assert.DoesNotContain(plc.Lines, l => l.StartsWith("inspection/line/errors", StringComparison.Ordinal));
        var verdicts = await JournalFiles.VerdictsAsync(station.State);
        Assert.Equal(["grey-0", "red", .. Enumerable.Range(1, WhileItHangs).Select(i => $"grey-{i}"), "grey-again"], verdicts.Select(v => v.Trigger));
        Assert.Contains("its picture was being judged", (string)verdicts[1].Node["detail"]!, StringComparison.Ordinal);
        // The first ones have their pictures; the others' do not come, because the folder has no room for more that wait.
        Assert.All(verdicts[2..^1], v => Assert.Contains("judgement", (string)v.Node["detail"]!, StringComparison.Ordinal));
        Assert.Contains("judgement was awaited: one picture has been judged for ", (string)verdicts[^2].Node["detail"]!, StringComparison.Ordinal);
    }

    /// <summary>One trigger and its picture, of a colour from red (0) to grey (128), until the PLC has heard the verdict.</summary>
    private async Task TriggerAsync(RunningProgram controller, Plc plc, string id, byte greenAndBlue, string reason)
    {
        await controller.WriteLineAsync($$"""{"id":"{{id}}","deadlineMs":2000}""");
        await ShowAsync(id, greenAndBlue);
        await plc.UntilAsync($"\"trigger\":\"{id}\"", Limit);
        Assert.Contains(reason, plc.Lines.Last(l => l.Contains($"\"trigger\":\"{id}\"", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    /// <summary>Puts a bitmap of 8 x 6 pixels of one colour into the folder, whole at once.</summary>
    private async Task ShowAsync(string name, byte greenAndBlue)
    {
        const int Header = 54, Pixels = 8 * 6;
        var bitmap = new byte[Header + (3 * Pixels)];
        "BM"u8.CopyTo(bitmap);
        foreach (var (offset, value) in ((int, int)[])[(2, bitmap.Length), (10, Header), (14, 40), (18, 8), (22, 6), (26, 1 | (24 << 16))]) BitConverter.TryWriteBytes(bitmap.AsSpan(offset), value);
        for (var i = Header; i < bitmap.Length; i += 3) (bitmap[i], bitmap[i + 1], bitmap[i + 2]) = (greenAndBlue, greenAndBlue, greenAndBlue == 0 ? byte.MaxValue : greenAndBlue);
        var part = Path.Combine(station!.Directory, name + ".bmp");
        await File.WriteAllBytesAsync(part, bitmap, TestContext.Current.CancellationToken);
        File.Move(part, Path.Combine(pictures, name + ".bmp"));
    }
}
