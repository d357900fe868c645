using Appliance.Journal;
using Appliance.Tests.Hosting;
using Appliance.Tests.Journal;
using Appliance.Tests.Samples;

namespace Appliance.Tests.Replay;

public sealed class ReplayImportTests
{
    [Fact]
    public async Task Replay_AnImportedSample_SaysThatNoModelJudgedIt()
    {
        using var bench = new JournalBench();
        await using (var journal = bench.Open())
        {
            journal.Commit(JournalBench.Draft());
            await journal.AppendDurableAsync(SampleFacts.Kept(1) with { Sample = "0-1", Why = "import", Model = null, Policy = null }, TestContext.Current.CancellationToken);
        }

        var (code, output, error) = await ApplianceProgram.RunAsync("replay", "0-1", "0-2", "--state", bench.State);
        Assert.Equal((1, ""), (code, error));
        Assert.Contains("0-1            not judged   It was imported: no model of this station judged it.", output, StringComparison.Ordinal);
        Assert.Contains("There is no imported sample of this name", output, StringComparison.Ordinal);
    }
}
