using Appliance.Capture;
using Appliance.Tests.Hosting;

namespace Appliance.Tests.Inspection;

/// <summary>What tests of a whole line share: its bench, a folder of pictures, and the line once it is started.</summary>
public abstract class LineTest : IAsyncLifetime
{
    private protected readonly StationBench bench = new();
    private protected TestLine? line;

    private protected static CancellationToken Cancellation => Until.Cancellation;

    private protected string Folder => Directory.CreateDirectory(bench.PathOf("pictures")).FullName;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (line is not null) await line.DisposeAsync();
        await bench.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task StartAsync(CameraOptions camera)
    {
        bench.Options.Cameras = [camera];
        line = await TestLine.StartAsync(bench);
    }
}
