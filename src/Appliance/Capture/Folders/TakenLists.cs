using System.Threading.Channels;
using Appliance.Hosting;
using Inference.Files;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Capture.Folders;

/// <summary>
/// Writes the <see cref="TakenList"/>s of the watched folders, behind the judging thread's back. A picture keeps its place among those that may wait until its file is on the list: so no more
/// files than there are places have a verdict and no line. Stops after the judging has, once all is written.
/// </summary>
internal sealed class TakenLists(ApplianceOptions options, IFileSystem files, ILogger<TakenLists> logger) : BackgroundService
{
    // No more than pictures have a place.
    private readonly Channel<Settled> settled = Channel.CreateUnbounded<Settled>(new() { SingleReader = true });

    /// <summary>The list of a camera's folder.</summary>
    public TakenList Open(string camera, string folder) => new(files, Path.Combine(options.StateDirectory, "taken", camera + ".jsonl"), folder, logger);

    /// <summary>A file has its verdict. Any thread; never blocks.</summary>
    /// <param name="frame">Its picture; taken over, and given back once the file is on the list.</param>
    public void Add(TakenList list, string name, FileStamp stamp, Frame frame)
    {
        if (!settled.Writer.TryWrite(new(list, name, stamp, frame))) frame.Dispose();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        settled.Writer.TryComplete();
        if (ExecuteTask is { } loop) await loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    // What waits is written at a shutdown too: only the host's time-out ends it.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (list, name, stamp, frame) in settled.Reader.ReadAllAsync(CancellationToken.None))
        {
            list.Add(name, stamp);
            frame.Dispose();
        }
    }

    private readonly record struct Settled(TakenList List, string Name, FileStamp Stamp, Frame Frame);
}
