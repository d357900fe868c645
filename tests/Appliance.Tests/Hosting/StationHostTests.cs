using Appliance.Journal;
using Testing.Files;

namespace Appliance.Tests.Hosting;

public sealed class StationHostTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Run_WhenTheJournalCannotGrow_EndsWith1AndAWholeJournal()
    {
        await File.WriteAllTextAsync(directory["appliance.json"], $$"""
            {
              "Listen": "http://127.0.0.1:0", "Cameras": [ { "Name": "c1", "Source": "sim:plates" } ], "Sampling": { "MaxPerMinute": 0 }, "Mqtt": { "Port": 0 },
              "Inspection": { "Backbone": "{{TestModel.Fixture("backbone")}}", "Threads": 1 }
            }
            """, TestContext.Current.CancellationToken);

        // A limit on the size of a file fails a write as a full disk does. The runtime's own trick with a huge file must be off for it.
        var environment = new Dictionary<string, string> { ["DOTNET_EnableWriteXorExecute"] = "0" };
        var (code, output, error) = await ApplianceProgram.RunAsync(
            "/bin/sh", environment, ["-c", $"trap '' XFSZ; ulimit -f 300; exec '{ApplianceProgram.File}' run --config '{directory["appliance.json"]}'"]);
        Assert.Equal(1, code);
        Assert.Contains("Free space or repair the disk", output + error, StringComparison.Ordinal);
        var report = JournalVerifier.Verify(directory["state"]);
        Assert.True(report.IsIntact);
        Assert.True(report.Streams.Sum(s => (long)s.Records) > 100);
    }
}
