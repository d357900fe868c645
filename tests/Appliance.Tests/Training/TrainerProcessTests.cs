using Appliance.Tests.Hosting;
using Appliance.Training;
using Inference.Jobs;
using Microsoft.Extensions.Logging;
using Testing.Files;

namespace Appliance.Tests.Training;

public sealed class TrainerProcessTests : IDisposable
{
    private const string Done = """echo '{"event":"done","package":"p","modelId":"m","metrics":{},"phaseMs":{"fit":1.5}}'""";
    private readonly TemporaryDirectory directory = new();
    private readonly LogEvents<TrainerProcess> log = new();
    private readonly List<TrainingProgress> steps = [];

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Run_AnOrderlyTrainer_GivesProgressAndItsEnd()
    {
        var ended = await RunAsync($"""
            [ "$1" = run ] || exit 9
            [ "$2" = the.job ] || exit 9
            [ "$3" = --attached ] || exit 9
            echo '{"{"}"event":"progress","phase":"fit","fraction":0.5,"elapsedMs":1{"}"}'
            {Done}
            """);
        Assert.Equal(1.5, Assert.IsType<TrainingDone>(ended).PhaseMs["fit"]);
        Assert.Equal("fit", Assert.Single(steps).Phase);
        Assert.Empty(log.At(LogLevel.Warning));
    }

    [Fact]
    public async Task Run_ACrash_IsReportedWithItsCodeAndLastWords()
    {
        var reason = await FailsAsync("for i in 1 2 3 4 5 6 7; do echo \"line $i\" >&2; done; exit 7");
        Assert.Contains("code 7", reason, StringComparison.Ordinal);
        Assert.Contains("It said: line 3 | line 4 | line 5 | line 6 | line 7", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ASignal_IsReported() => Assert.Contains("code 137", await FailsAsync("kill -9 $$"), StringComparison.Ordinal);

    [Fact]
    public async Task Run_NoEventAtAll_IsAFailure() => Assert.Contains("code 0 before it was done", await FailsAsync("exit 0"), StringComparison.Ordinal);

    [Fact]
    public async Task Run_DoneAndThenACrash_IsNotBelieved() => Assert.Contains("code 3", await FailsAsync(Done + "\nexit 3"), StringComparison.Ordinal);

    [Fact]
    public async Task Run_AFailure_CarriesTheTrainersReason() =>
        Assert.Equal("one class only", await FailsAsync("""echo '{"event":"failed","reason":"one class only"}'; exit 1"""));

    [Fact]
    public async Task Run_LinesThatAreNoEvents_AreLoggedAndPassedOver()
    {
        var ended = await RunAsync($$"""
            echo 'Loading...'
            echo
            echo '{}'
            echo '{"event":"dance"}'
            echo '{"event":"progress"}'
            echo '{"event":"failed"}'
            echo 'null'
            head -c 300000 /dev/zero | tr '\0' x; echo
            {{Done}}
            """);
        Assert.IsType<TrainingDone>(ended);
        Assert.Empty(steps);
        Assert.Equal(8, log.At(LogLevel.Warning).Count());
        Assert.All(log.At(LogLevel.Warning), line => Assert.True(line.Length < 300));
    }

    [Fact]
    public async Task Run_MuchOnStandardError_DoesNotBlock() => Assert.IsType<TrainingDone>(await RunAsync("head -c 500000 /dev/zero | tr '\\0' '\\n' >&2\n" + Done));

    [Fact]
    public async Task Run_BeyondTheTimeLimit_IsKilledWithItsChildren()
    {
        // The pipe ends when the last process that holds it does.
        using (var make = System.Diagnostics.Process.Start("mkfifo", directory["held"])) await make.EndsAsync();
        var held = Task.Run(() => File.ReadAllText(directory["held"]));
        var ended = await RunAsync("echo $$ > parent\n(echo child; exec sleep 600) > held &\nwait", TimeSpan.FromSeconds(2));
        Assert.Contains("took longer than 00:00:02", Assert.IsType<TrainingFailed>(ended).Reason, StringComparison.Ordinal);
        Assert.False(Lives("parent"));
        Assert.Equal("child\n", await held.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Run_Cancelled_EndsTheProcess()
    {
        using var stop = new CancellationTokenSource();
        var script = Script("""
            echo $$ > parent
            echo '{"event":"progress","phase":"fit","fraction":0.5,"elapsedMs":1}'
            exec sleep 600
            """);
        var process = new TrainerProcess(script, TimeSpan.FromMinutes(1), log);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => process.RunAsync("the.job", _ => stop.Cancel(), stop.Token));
        Assert.False(Lives("parent"));
    }

    [Fact]
    public async Task Run_AMissingProgram_SaysHowToNameOne()
    {
        var ended = await new TrainerProcess(directory["none"], TimeSpan.FromMinutes(1), log).RunAsync("the.job", steps.Add, TestContext.Current.CancellationToken);
        Assert.Contains("Training:Program", Assert.IsType<TrainingFailed>(ended).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AProgramThatMayNotRun_SaysSo()
    {
        await File.WriteAllTextAsync(directory["plain"], "no program", TestContext.Current.CancellationToken);
        var ended = await new TrainerProcess(directory["plain"], TimeSpan.FromMinutes(1), log).RunAsync("the.job", steps.Add, TestContext.Current.CancellationToken);
        Assert.Contains("cannot be started", Assert.IsType<TrainingFailed>(ended).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ATrainer_HasALowerPriority()
    {
        // From its first line: what a runtime starts with would else have the line's own.
        await RunAsync("set -- $(cat /proc/$$/stat); echo \"${19}\" > nice\n" + Done);
        Assert.True(int.Parse(await File.ReadAllTextAsync(directory["nice"], TestContext.Current.CancellationToken), System.Globalization.CultureInfo.InvariantCulture) > 0);
    }

    [Fact]
    public async Task Run_ATrainer_IsTheFirstThatAShortageOfMemoryTakes()
    {
        await RunAsync("n=0; while [ $n -lt 500 ]; do [ \"$(cat /proc/$$/oom_score_adj)\" = 1000 ] && break; n=$((n+1)); done; cat /proc/$$/oom_score_adj > score\n" + Done);
        Assert.Equal("1000", (await File.ReadAllTextAsync(directory["score"], TestContext.Current.CancellationToken)).Trim());
    }

    private async Task<string> FailsAsync(string body) => Assert.IsType<TrainingFailed>(await RunAsync(body)).Reason;

    private Task<TrainingEvent> RunAsync(string body, TimeSpan? limit = null) =>
        new TrainerProcess(Script(body), limit ?? TimeSpan.FromMinutes(1), log).RunAsync("the.job", steps.Add, TestContext.Current.CancellationToken);

    private string Script(string body) => TrainerScript.Write(directory["trainer.sh"], $"cd '{directory.Path}'\n{body}\n");

    // One that is dead and only waits to be reaped does not live.
    private bool Lives(string file)
    {
        var stat = $"/proc/{File.ReadAllText(directory[file]).Trim()}/stat";
        try
        {
            return File.ReadAllText(stat).Split(") ")[1][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
