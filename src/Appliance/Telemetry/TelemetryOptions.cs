namespace Appliance.Telemetry;

/// <summary>What the station tells of its inner work besides <c>/metrics</c>.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>Where traces go by OTLP over HTTP, for example <c>http://127.0.0.1:4318</c>; absent makes none, and costs nothing.</summary>
    public string? TracesTo { get; set; }

    /// <summary>Share of inspections that are traced, drawn at random.</summary>
    public double TraceShare { get; set; } = 0.1;

    public IEnumerable<string> Validate(string key)
    {
        if (TracesTo is not null && !(Uri.TryCreate(TracesTo, UriKind.Absolute, out var to) && to.Scheme is "http" or "https")) yield return $"{key}:TracesTo is '{Settings.Secrets.Mask(TracesTo)}'; it takes http://HOST:PORT, for example http://127.0.0.1:4318.";
        if (TraceShare is < 0 or > 1 or double.NaN) yield return FormattableString.Invariant($"{key}:TraceShare is {TraceShare}; it takes 0 to 1.");
    }
}
