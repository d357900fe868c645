using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Appliance.Capture;
using Appliance.Telemetry;
using Appliance.Tests.Journal;
using Appliance.Tests.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Appliance.Tests.Telemetry;

/// <summary>Traces as a collector gets them, and what they cost where there is none.</summary>
[Collection(nameof(TracesTests))]
[CollectionDefinition(nameof(TracesTests), DisableParallelization = true)]
public sealed class TracesTests
{
    private static readonly string[] Stages = ["inspection", "queue", "prepare", "backbone", "head", "commit", "publish"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Inspection_WithACollector_ArrivesThereWithEveryStage()
    {
        var arrived = new ConcurrentQueue<string>();
        await using var collector = await CollectAsync(arrived);
        await using var station = new WebStation();
        station.Bench.Options.Telemetry = new() { TracesTo = collector.Urls.First(), TraceShare = 1 };
        await station.InitializeAsync();
        await station.PostAsync("/api/v1/triggers", """{"part":"p-traced"}""");
        // What has not been sent yet goes at the stop.
        await station.StopAsync();
        var text = string.Concat(arrived);
        Assert.All([.. Stages, "p-traced", "UNSURE", "inspection-appliance"], word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Inspected_NobodyListens_AllocatesNothing()
    {
        var traces = new InspectionTraces(TimeProvider.System);
        using var frame = new Frame(new OpenCvSharp.Mat());
        var verdict = JournalBench.Draft();
        const int times = 100_000;
        // Once before, for the compiler.
        Run();
        var (before, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        Run();
        var took = Stopwatch.GetElapsedTime(start);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{took.TotalNanoseconds / times:F1} ns an inspection"));

        void Run()
        {
            for (var i = 0; i < times; i++)
            {
                traces.Inspected(frame, verdict, 0, 0, 0);
                traces.Written(default, 0);
            }
        }
    }

    private static async Task<WebApplication> CollectAsync(ConcurrentQueue<string> arrived)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, Cancellation);
            arrived.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
        });
        await app.StartAsync(Cancellation);
        return app;
    }
}
