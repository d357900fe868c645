using Appliance.Capture.Video;

namespace Appliance.Capture;

/// <summary>How a camera is asked for pictures.</summary>
internal enum CameraMode
{
    /// <summary>Pictures are taken at <see cref="CameraOptions.RatePerSecond"/>, or as fast as they come. A trigger gets the next one.</summary>
    Free,

    /// <summary>One picture a trigger.</summary>
    Trigger,
}

/// <summary>One camera, as configured.</summary>
internal sealed record CameraOptions
{
    private static readonly TimeSpan StreamLatency = TimeSpan.FromSeconds(0.5);

    /// <summary>Part of message topics and file names: 1 to 64 letters, digits, <c>-</c> or <c>_</c>. Unique in a station.</summary>
    public string Name { get; init; } = "camera";

    /// <summary>Where pictures come from: <c>sim:plates</c>, <c>folder:PATH</c>, <c>file:VIDEO</c>, <c>v4l2:/dev/video0</c>, <c>rtsp://…</c> or <c>http://…</c>, each with its keys.</summary>
    public string Source { get; init; } = "sim:plates";

    /// <summary>Free takes pictures at <see cref="RatePerSecond"/>, or as fast as they come, and a trigger gets the next one; Trigger takes one picture a trigger.</summary>
    public CameraMode Mode { get; init; } = CameraMode.Free;

    /// <summary>Free run only: pictures a second, 0.01 to 1000; 0 takes them as fast as the source gives them.</summary>
    public double RatePerSecond { get; init; }

    /// <summary>
    /// Pictures of free run that may wait for judgement, 1 to 64; one more drops the oldest. A watched folder waits itself and drops none. Longer bridges longer stalls;
    /// where judgement is always too slow, each verdict comes later by so many judgements.
    /// </summary>
    public int QueueLength { get; init; } = 8;

    /// <summary>Triggers that may wait for a picture or for judgement, 1 to 10000. One more is refused.</summary>
    public int TriggerQueueLength { get; init; } = 256;

    /// <summary>How long opening a source, or reading one picture of a folder or video, may take, 0.1 s to 5 min.</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a stream or camera may give no picture, or none that can be used (repeats, black ones), 0.1 s to 5 min.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The longest that a picture of a stream or camera takes from its exposure until it is here, 0 to 10 s: a trigger gets none that may be older than it.
    /// Null is 0.5 s for a stream, whose encoder, network and decoder hold pictures back, and 0 for anything else.
    /// </summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Whether a picture of a stream or camera that is, bit for bit, the one before is held back, and many of them are a frozen camera.</summary>
    public bool RefuseRepeats { get; init; } = true;

    /// <summary>A picture is black, and judged FAULT, where less than 0.1 % of it is brighter, 1 to 254; 0 judges black pictures as any other.</summary>
    public int BlackLevel { get; init; } = 16;

    /// <summary>How often a source that fails is opened again within <see cref="RestartWindow"/> before the camera is in its safe state, 0 to 1000.</summary>
    public int RestartLimit { get; init; } = 5;

    /// <summary>See <see cref="RestartLimit"/>; in the safe state the source is tried once in this time. 1 s to 1 h.</summary>
    public TimeSpan RestartWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary><see cref="Latency"/>, or what stands for it.</summary>
    public TimeSpan LatencyOrDefault => Latency ?? (SourceUrl.Parse(Source).IsStream ? StreamLatency : TimeSpan.Zero);

    /// <summary>Every error, each naming its key under <paramref name="prefix"/>, the value it got and the range it takes.</summary>
    public IEnumerable<string> Validate(string prefix)
    {
        if (Name.Length is < 1 or > 64 || !Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            yield return $"{prefix}:{nameof(Name)} is '{Name}'; it takes 1 to 64 letters, digits, '-' or '_'.";
        if (!Enum.IsDefined(Mode)) yield return $"{prefix}:{nameof(Mode)} is '{Mode}'; it takes Free or Trigger.";
        if (RatePerSecond != 0 && RatePerSecond is not (>= 0.01 and <= 1000))
            yield return FormattableString.Invariant($"{prefix}:{nameof(RatePerSecond)} is {RatePerSecond}; it takes 0 (as fast as they come) or 0.01 to 1000.");
        if (QueueLength is < 1 or > 64) yield return $"{prefix}:{nameof(QueueLength)} is {QueueLength}; it takes 1 to 64.";
        if (TriggerQueueLength is < 1 or > 10_000) yield return $"{prefix}:{nameof(TriggerQueueLength)} is {TriggerQueueLength}; it takes 1 to 10000.";
        if (OutOfRange(OpenTimeout)) yield return $"{prefix}:{nameof(OpenTimeout)} is {OpenTimeout}; it takes 00:00:00.1 to 00:05:00.";
        if (OutOfRange(ReadTimeout)) yield return $"{prefix}:{nameof(ReadTimeout)} is {ReadTimeout}; it takes 00:00:00.1 to 00:05:00.";
        if (Latency < TimeSpan.Zero || Latency > TimeSpan.FromSeconds(10)) yield return $"{prefix}:{nameof(Latency)} is {Latency}; it takes 00:00:00 to 00:00:10.";
        if (V4L2Controls.Interval(Source) is { } interval && ReadTimeout <= interval)
            yield return $"{prefix}:{nameof(ReadTimeout)} is {ReadTimeout}, and {prefix}:{nameof(Source)} asks the camera for a picture in {interval.TotalSeconds:0.###} s (fps): it takes more than that.";
        if (BlackLevel is < 0 or > 254) yield return $"{prefix}:{nameof(BlackLevel)} is {BlackLevel}; it takes 0 (off) to 254.";
        if (RestartLimit is < 0 or > 1000) yield return $"{prefix}:{nameof(RestartLimit)} is {RestartLimit}; it takes 0 to 1000.";
        if (RestartWindow < TimeSpan.FromSeconds(1) || RestartWindow > TimeSpan.FromHours(1))
            yield return $"{prefix}:{nameof(RestartWindow)} is {RestartWindow}; it takes 00:00:01 to 01:00:00.";
        foreach (var error in FrameSources.Validate(Source)) yield return $"{prefix}:{nameof(Source)}: {error}";
    }

    private static bool OutOfRange(TimeSpan value) => value < TimeSpan.FromMilliseconds(100) || value > TimeSpan.FromMinutes(5);
}
