using Microsoft.Extensions.Logging;

namespace Appliance.Training;

internal static partial class TrainingLog
{
    [LoggerMessage(6000, LogLevel.Information, "Training {Job} {Outcome}: {Reason} ({TotalMs:F0} ms)")]
    public static partial void Finished(this ILogger logger, string job, string outcome, string reason, double totalMs);

    [LoggerMessage(6001, LogLevel.Warning, "The trainer wrote a line that is no event: {Line}")]
    public static partial void NoEvent(this ILogger logger, string line);

    [LoggerMessage(6002, LogLevel.Debug, "trainer: {Line}")]
    public static partial void TrainerSaid(this ILogger logger, string line);

    [LoggerMessage(6003, LogLevel.Warning, "Where memory runs out, the trainer is not the first to go: {Reason}")]
    public static partial void NotExpendable(this ILogger logger, string reason);

    [LoggerMessage(6004, LogLevel.Warning, "The job directory {Directory} was not removed: {Reason}")]
    public static partial void JobNotRemoved(this ILogger logger, string directory, string reason);

    [LoggerMessage(6005, LogLevel.Error, "Training {Job} met a fault of this program. Verdicts go on.")]
    public static partial void RoundFailed(this ILogger logger, Exception exception, string job);
}
