using Microsoft.Extensions.Logging;

namespace Appliance.Hosting;

/// <summary>Event ids 11000 to 11999.</summary>
internal static partial class HostLog
{
    [LoggerMessage(11000, LogLevel.Information, "Station {Station} runs: version {Version}, epoch {Epoch}, state in {State}, HTTP at {Address}")]
    public static partial void Runs(this ILogger logger, string station, string version, uint epoch, string state, string address);

    [LoggerMessage(11001, LogLevel.Information, "The station stops, as it was told: what waits is judged and recorded first")]
    public static partial void Stops(this ILogger logger);

    [LoggerMessage(11002, LogLevel.Information, "The station has stopped in order, {LastVerdict} is its last verdict")]
    public static partial void Stopped(this ILogger logger, string lastVerdict);
}
