using System.Diagnostics;
using Appliance.Capture;
using Appliance.Hosting;
using Appliance.Messaging;
using Inference.Backbones;
using Inference.Slots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenCvSharp;

namespace Benchmarks;

/// <summary>A whole station in this process, wired as the service wires it, with frames handed to its inspection queue one at a time.</summary>
internal sealed class BenchmarkStation : IAsyncDisposable
{
    private const string Camera = "cam1";
    private readonly string directory;
    private readonly IHost host;
    private readonly InspectionQueue queue;
    private readonly AutoResetEvent written = new(false);
    private long writtenAt;

    private BenchmarkStation(string directory, IHost host)
    {
        (this.directory, this.host) = (directory, host);
        queue = host.Services.GetRequiredService<InspectionQueue>();
        host.Services.GetRequiredService<OutboxState>().Written = (_, at) =>
        {
            Volatile.Write(ref writtenAt, at);
            written.Set();
        };
    }

    /// <param name="broker">As Mqtt:Broker.</param>
    public static async Task<BenchmarkStation> StartAsync(string broker)
    {
        var directory = Directory.CreateTempSubdirectory("appliance-bench-").FullName;
        var options = new ApplianceOptions { Station = "bench", StateDirectory = directory, Cameras = [new CameraOptions { Name = Camera, Mode = CameraMode.Trigger }] };
        options.Inspection.Backbone = Path.Combine(Repository.Root, "out/trainer/backbones/efficientnet_lite0-320.onnx");
        options.Mqtt.Broker = broker;
        options.Mqtt.Port = 0;
        options.Sampling.MaxPerMinute = 0;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.AddStation(options);
        var host = builder.Build();
        var slot = host.Services.GetRequiredService<ModelSlot>();
        await host.StartAsync();
        var station = new BenchmarkStation(directory, host);
        var embedding = host.Services.GetRequiredService<BackboneSession>().Embedding;
        slot.Publish(slot.Load(BenchmarkHead.Package(embedding)).Model ?? throw new BenchmarkException("the head was refused"));
        return station;
    }

    /// <summary>From the grab of a frame to its verdict in the broker's socket, ticks of <see cref="Stopwatch"/>.</summary>
    public long Inspect(Mat picture)
    {
        var grab = Stopwatch.GetTimestamp();
        queue.Offer(new CapturedFrame(new Frame(picture, static _ => { }) { Camera = Camera, GrabTimestamp = grab, GrabbedAt = TimeProvider.System.GetUtcNow(), Part = "part-1" }, null));
        if (!written.WaitOne(TimeSpan.FromSeconds(10))) throw new BenchmarkException("no verdict was published within 10 s; is the broker there?");
        return Volatile.Read(ref writtenAt) - grab;
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        if (host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        Directory.Delete(directory, recursive: true);
        written.Dispose();
    }
}
