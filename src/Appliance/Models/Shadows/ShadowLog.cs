using Microsoft.Extensions.Logging;

namespace Appliance.Models.Shadows;

internal static partial class ShadowLog
{
    [LoggerMessage(7100, LogLevel.Information, "Model {Model} judges beside the live one, without a say: {By}, {Why}")]
    public static partial void Begun(this ILogger logger, string model, string by, string why);

    [LoggerMessage(7101, LogLevel.Information, "The shadow period of model {Model} ended, {Outcome}: {Reason}")]
    public static partial void Ended(this ILogger logger, string model, string outcome, string reason);

    [LoggerMessage(7102, LogLevel.Warning, "The figures of the shadow period in {Path} cannot be read and begin anew: {Reason}")]
    public static partial void FiguresUnreadable(this ILogger logger, string path, string reason);

    [LoggerMessage(7103, LogLevel.Warning, "The figures of the shadow period were not written to {Path}: {Reason}. A restart counts from those written before.")]
    public static partial void FiguresNotWritten(this ILogger logger, string path, string reason);

    [LoggerMessage(7104, LogLevel.Warning, "The shadow period of model {Model} cannot be ended now, and it is tried again: {Reason}")]
    public static partial void NotEnded(this ILogger logger, string model, string reason);
}
