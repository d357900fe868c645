namespace Appliance.Capture.Simulation;

/// <summary>
/// <c>sim:plates</c>: an endless line of plates, rendered when asked for. <c>seed</c>, <c>start</c> (first plate), <c>parts</c> (plates before they come round
/// again), <c>views</c> (pictures in a row of each plate), <c>count</c> (pictures before the source ends), <c>good</c> (share of good plates), <c>colour</c> (BGR instead of grey).
/// </summary>
internal sealed class SimulatedSource : IFrameSource
{
    public static readonly SourceKey[] Keys =
    [
        new("seed", SourceKeyKind.Whole, 0, long.MaxValue),
        new("start", SourceKeyKind.Whole, 0, 999_999_999),
        new("parts", SourceKeyKind.Whole, 1, 999_999_999),
        new("views", SourceKeyKind.Whole, 1, 100),
        new("count", SourceKeyKind.Whole, 1, long.MaxValue),
        new("good", SourceKeyKind.Number, 0, 1),
        new("colour", SourceKeyKind.Switch),
    ];

    private readonly string camera;
    private readonly TimeProvider time;
    private readonly PlateSimulator simulator;
    private readonly FramePool pool = new();
    private readonly long start;
    private readonly long parts;
    private readonly long views;
    private readonly long count;
    private long index;

    public SimulatedSource(SourceUrl url, string camera, TimeProvider time)
    {
        Url = url.Shown;
        this.camera = camera;
        this.time = time;
        start = url.Whole("start", 0);
        parts = url.Whole("parts", long.MaxValue);
        views = url.Whole("views", 1);
        count = url.Whole("count", long.MaxValue);
        simulator = new PlateSimulator((ulong)url.Whole("seed", 1), url.Number("good", PlateTruth.DefaultGoodShare), url.Switch("colour"));
    }

    public string Url { get; }

    public bool IsLive => false;

    /// <summary>Frames not yet given back.</summary>
    public int Outstanding => pool.Outstanding;

    public Frame? Grab(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (index >= count) return null;
        var plate = start + index / views % parts;
        var picture = pool.Rent();
        simulator.Render(plate, index, picture);
        index++;
        return new Frame(picture, pool.Release())
        {
            Camera = camera,
            GrabTimestamp = time.GetTimestamp(),
            GrabbedAt = time.GetUtcNow(),
            Part = PlateTruth.PartId(plate),
        };
    }

    public void Dispose()
    {
        pool.Dispose();
        simulator.Dispose();
    }
}
