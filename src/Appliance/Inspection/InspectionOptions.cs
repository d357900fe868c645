using Appliance.Capture;
using Appliance.Settings;
using Inference.Preparation;
using Inference.Runtime;

namespace Appliance.Inspection;

/// <summary>How pictures are judged.</summary>
internal sealed class InspectionOptions
{
    /// <summary>The backbone's ONNX file; a relative path starts at the program. It is copied into the state directory by content.</summary>
    public string Backbone { get; set; } = "../trainer/backbones/efficientnet_lite0-320.onnx";

    /// <summary>Cut out of every picture before it is judged; absent takes the whole picture. Changing it makes a new embedding identity.</summary>
    public RegionOptions? Region { get; set; }

    /// <summary>
    /// From the arrival of a trigger that names none itself until its verdict is published, 1 ms to 10 min; then it gets FAULT. Long enough for
    /// a queue of triggers at a usual rate, short enough that a line learns of a hanging camera before many parts have gone by.
    /// </summary>
    [Reloadable]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long before its deadline a trigger gets its FAULT, 1 ms to 10 s: what commit, publication and the broker take on a busy machine. At most a quarter of the
    /// deadline, so that a short one leaves time to judge.
    /// </summary>
    [Reloadable]
    public TimeSpan DeadlineMargin { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Threads of one inspection, 1..64; absent takes the measured default.</summary>
    public int? Threads { get; set; }

    /// <summary>Whether idle threads of the network spin: a steadier latency at a fast rate, for a whole processor each. Absent takes the measured default.</summary>
    public bool? AllowSpinning { get; set; }

    public RuntimeOptions Runtime() => new()
    {
        Threads = Threads ?? RuntimeOptions.Default.Threads,
        AllowSpinning = AllowSpinning ?? RuntimeOptions.Default.AllowSpinning,
    };

    public TimeSpan MarginOf(TimeSpan deadline) => TimeSpan.FromTicks(Math.Min(DeadlineMargin.Ticks, deadline.Ticks / 4));

    /// <summary>Cameras whose pictures come later than the deadline allows: each of their triggers would get FAULT.</summary>
    public IEnumerable<string> ValidateLatency(string key, IReadOnlyList<CameraOptions> cameras)
    {
        for (var i = 0; i < cameras.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(cameras[i].Source) || cameras[i].LatencyOrDefault is var latency && (latency <= TimeSpan.Zero || Deadline - MarginOf(Deadline) > latency)) continue;
            yield return $"{key}:Deadline is {Deadline}, and a trigger of camera '{cameras[i].Name}' waits {latency} until its picture is sure to be younger than it (Cameras:{i}:Latency): "
                + $"no trigger could be judged in time. It takes more than {latency + MarginOf(Deadline)}; or set the camera's Latency to what it is.";
        }
    }

    public IEnumerable<string> Validate(string key)
    {
        if (string.IsNullOrWhiteSpace(Backbone)) yield return $"{key}:Backbone is empty; it takes the path of an ONNX file that 'trainer backbone' made.";
        if (Deadline < TimeSpan.FromMilliseconds(1) || Deadline > TimeSpan.FromMinutes(10)) yield return $"{key}:Deadline is {Deadline}; it takes 00:00:00.001 to 00:10:00.";
        if (DeadlineMargin < TimeSpan.FromMilliseconds(1) || DeadlineMargin > TimeSpan.FromSeconds(10)) yield return $"{key}:DeadlineMargin is {DeadlineMargin}; it takes 00:00:00.001 to 00:00:10.";
        if (Threads is < 1 or > RuntimeOptions.MaxThreads) yield return $"{key}:Threads is {Threads}; it takes 1 to {RuntimeOptions.MaxThreads}.";
        if (Region is { } r && (r.X < 0 || r.Y < 0 || r.WidthPx < 1 || r.HeightPx < 1))
            yield return $"{key}:Region is {r.X},{r.Y} {r.WidthPx} x {r.HeightPx}; it takes a corner from 0 and a size from 1 pixel.";
    }
}

/// <summary>A rectangle in pixels of the camera's picture.</summary>
internal sealed class RegionOptions
{
    /// <summary>Left edge.</summary>
    public int X { get; set; }

    /// <summary>Upper edge.</summary>
    public int Y { get; set; }

    /// <summary>Pixels from the left edge on.</summary>
    public int WidthPx { get; set; }

    /// <summary>Pixels from the upper edge on.</summary>
    public int HeightPx { get; set; }

    public Region ToRegion() => new(X, Y, WidthPx, HeightPx);
}
