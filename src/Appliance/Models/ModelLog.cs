using Microsoft.Extensions.Logging;

namespace Appliance.Models;

internal static partial class ModelLog
{
    [LoggerMessage(7000, LogLevel.Information, "Model {Model} is live again, promoted by {By}")]
    public static partial void Restored(this ILogger logger, string model, string by);

    [LoggerMessage(7001, LogLevel.Error, "Model {Model} was live and cannot be loaded: {Reason}. The one before it is tried.")]
    public static partial void NotRestored(this ILogger logger, string model, string reason);

    [LoggerMessage(7002, LogLevel.Information, "Model {Model} replaces {Before}: promoted by {By}, {Why}; loaded in {LoadMs:F0} ms, published in {PublishMs:F3} ms")]
    public static partial void Promoted(this ILogger logger, string model, string? before, string by, string why, double loadMs, double publishMs);

    [LoggerMessage(7003, LogLevel.Information, "Backbone {Architecture} at {WidthPx} x {HeightPx} runs on {Provider}")]
    public static partial void BackboneLoaded(this ILogger logger, string architecture, int widthPx, int heightPx, string provider);
}
