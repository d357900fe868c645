using Microsoft.Extensions.Logging;

namespace Appliance.Training;

/// <summary><c>jobs/NAME/</c> under the state directory: job file and package of the round that runs, gone after it.</summary>
internal sealed class JobDirectories(string state, ILogger logger)
{
    private readonly string root = Path.Combine(state, "jobs");

    public string Of(string job) => Path.Combine(root, job);

    /// <summary>What a killed process left. Called before the first round.</summary>
    public void RemoveLeftovers()
    {
        if (!Directory.Exists(root)) return;
        foreach (var left in Directory.EnumerateDirectories(root)) Remove(left);
    }

    public void Remove(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.JobNotRemoved(directory, e.Message);
        }
    }
}
