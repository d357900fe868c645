using Inference.Packages;
using Inference.Runtime;
using Trainer.DataSets;
using Trainer.Heads;

namespace Trainer.CommandLine;

/// <summary>Exit codes of the commands: 0 done, 1 failed. Wrong usage (2) is the parser's.</summary>
internal static class Failures
{
    /// <summary>Runs an action; an expected failure becomes one line on standard error.</summary>
    public static int Report(Action action)
    {
        try
        {
            action();
            return 0;
        }
        catch (Exception e) when (e is DataSetException or TrainingRefusedException or PackageException or NetworkException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }
}
