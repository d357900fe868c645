using System.Collections.Concurrent;
using Appliance.Capture;
using OpenCvSharp;

namespace Appliance.Tests.Capture;

/// <summary>A camera that delivers a picture whenever the test says so. Every picture is another one, unless the test says otherwise.</summary>
internal sealed class ScriptedCamera(TimeProvider time, bool live, bool once = false) : IFrameSource
{
    // Beyond the numbers that tests choose: one of those by chance would be a repeat.
    private static int made = 1000;
    private readonly BlockingCollection<Func<Frame?>> deliveries = [];
    private readonly ManualResetEventSlim unblocked = new();
    private readonly FramePool pool = new();
    private int grabs;

    public string Url => "scripted:";

    public bool IsLive => live;

    public bool IsOnce => once;

    public int Outstanding => pool.Outstanding;

    /// <summary>Calls of <see cref="Grab"/> so far; the last one may still wait.</summary>
    public int Grabs => Volatile.Read(ref grabs);

    public bool Disposed { get; private set; }

    public void Deliver(string name) => Deliver(name, Interlocked.Increment(ref made));

    /// <summary>A picture that is told by its content: the same number gives the same bytes.</summary>
    public void Deliver(string name, int content, int size = 4) => Add(() => Paint(name, size, picture =>
    {
        picture.SetTo(new Scalar(200));
        picture.Set(0, 0, content);
    }));

    public void DeliverBlack(string name) => Add(() => Paint(name, 4, picture => picture.SetTo(new Scalar(3))));

    public void End() => Add(() => null);

    public void Break() => Add(() => throw new SourceException("The cable was pulled."));

    /// <summary>The next call comes back only after <see cref="Unblock"/>, whatever anybody cancels; with a picture.</summary>
    public void Block() => Add(() =>
    {
        unblocked.Wait(CancellationToken.None);
        return Paint("late", 4, picture => picture.SetTo(new Scalar(200)));
    });

    public void Unblock() => unblocked.Set();

    public Frame? Grab(CancellationToken cancellation)
    {
        Interlocked.Increment(ref grabs);
        return deliveries.Take(cancellation)();
    }

    public void Dispose()
    {
        lock (deliveries)
        {
            Disposed = true;
            deliveries.Dispose();
        }

        unblocked.Dispose();
        pool.Dispose();
    }

    // Whoever delivers may not know yet that nobody reads any more.
    private void Add(Func<Frame?> delivery)
    {
        lock (deliveries)
            if (!Disposed) deliveries.Add(delivery);
    }

    private Frame Paint(string name, int size, Action<Mat> paint)
    {
        var picture = pool.Rent();
        picture.Create(size, size, MatType.CV_8UC1);
        paint(picture);
        return new Frame(picture, pool.Release()) { Camera = "c1", SourceName = name, GrabTimestamp = time.GetTimestamp() };
    }
}
