using Appliance.Journal;
using Testing.Files;

namespace Appliance.Tests.Hosting;

public sealed class StationHostTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Run_WhenTheJournalCannotGrow_GoesOnTryingAndStopsInOrder()
    {
        await File.WriteAllTextAsync(directory["appliance.json"], $$"""
            {
              "Listen": "http://127.0.0.1:0", "Cameras": [ { "Name": "c1", "Source": "sim:plates" } ], "Sampling": { "MaxPerMinute": 0 }, "Mqtt": { "Port": 0 },
              "Inspection": { "Backbone": "{{TestModel.Fixture("backbone")}}", "Threads": 1 }
            }
            """, TestContext.Current.CancellationToken);

        // A limit on the size of a file fails a write as a full disk does. The runtime's own trick with a huge file must be off for it.
        var environment = new Dictionary<string, string> { ["DOTNET_EnableWriteXorExecute"] = "0" };
        var script = $$"""
            trap '' XFSZ; ulimit -f 1000; log='{{directory["log"]}}'; : > "$log"
            '{{ApplianceProgram.File}}' run --config '{{directory["appliance.json"]}}' > "$log" 2>&1 & pid=$!
            tail -f --pid=$pid "$log" | { grep -q -m1 'JournalKeeper.3020'; kill -TERM $pid; }
            wait $pid; code=$?; cat "$log"; exit $code
            """;
        var (code, output, _) = await ApplianceProgram.RunAsync("/bin/sh", environment, ["-c", script]);
        Assert.True(code == 0, output);
        Assert.Contains("Free space or repair the disk", output, StringComparison.Ordinal);
        var report = JournalVerifier.Verify(directory["state"]);
        Assert.True(report.IsIntact);
        Assert.True(report.Streams.Sum(s => (long)s.Records) > 100);
    }
}
