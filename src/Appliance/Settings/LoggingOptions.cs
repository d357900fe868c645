using Microsoft.Extensions.Logging;

namespace Appliance.Settings;

/// <summary>What the station writes to its log.</summary>
internal sealed class LoggingOptions
{
    /// <summary>The least level that is logged.</summary>
    [Reloadable]
    public LogLevel Level { get; set; } = LogLevel.Information;
}
