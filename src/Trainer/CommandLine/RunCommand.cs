using System.CommandLine;
using Trainer.Jobs;

namespace Trainer.CommandLine;

/// <summary><c>trainer run JOBFILE</c>: how the appliance trains.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var job = new Argument<string>("JOBFILE") { Description = "The job file that the appliance wrote." };
        var attached = new Option<bool>("--attached") { Description = "End when standard input ends: whoever started this is gone." };
        var command = new Command("run", "Train a head from kept embeddings; events are JSON lines on standard output.") { job, attached };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(attached)) Tether.Attach();
            return new JobRunner(Console.Out, TimeProvider.System).Run(parsed.GetRequiredValue(job));
        });
        return command;
    }
}
