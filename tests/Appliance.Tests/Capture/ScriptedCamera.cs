using System.Collections.Concurrent;
using Appliance.Capture;
using OpenCvSharp;

namespace Appliance.Tests.Capture;

/// <summary>A camera that delivers a picture whenever the test says so; the running number is its source name.</summary>
internal sealed class ScriptedCamera(TimeProvider time, bool live) : IFrameSource
{
    private readonly BlockingCollection<string?> deliveries = [];
    private readonly FramePool pool = new();
    private int grabs;

    public string Url => "scripted:";

    public bool IsLive => live;

    public int Outstanding => pool.Outstanding;

    /// <summary>Calls of <see cref="Grab"/> so far; the last one may still wait.</summary>
    public int Grabs => Volatile.Read(ref grabs);

    public bool Disposed { get; private set; }

    public void Deliver(string name) => deliveries.Add(name);

    public void End() => deliveries.Add(null);

    public void Break() => deliveries.Add("!");

    public Frame? Grab(CancellationToken cancellation)
    {
        Interlocked.Increment(ref grabs);
        var name = deliveries.Take(cancellation);
        if (name is null) return null;
        if (name == "!") throw new SourceException("The cable was pulled.");
        var picture = pool.Rent();
        picture.Create(4, 4, MatType.CV_8UC1);
        return new Frame(picture, pool.Release()) { Camera = "c1", SourceName = name, GrabTimestamp = time.GetTimestamp() };
    }

    public void Dispose()
    {
        Disposed = true;
        deliveries.Dispose();
        pool.Dispose();
    }
}
