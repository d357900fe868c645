using System.CommandLine;
using Trainer.Jobs;

namespace Trainer.CommandLine;

/// <summary><c>trainer run JOBFILE</c>: how the appliance trains.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var job = new Argument<string>("JOBFILE") { Description = "The job file that the appliance wrote." };
        var command = new Command("run", "Train a head from kept embeddings; events are JSON lines on standard output.") { job };
        command.SetAction(parsed => new JobRunner(Console.Out, TimeProvider.System).Run(parsed.GetRequiredValue(job)));
        return command;
    }
}
