using System.Diagnostics.Metrics;
using Appliance.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Appliance.Telemetry;

/// <summary>Figures for Prometheus at <c>/metrics</c>, and traces where the configuration says where to.</summary>
internal static class TelemetrySetup
{
    private static readonly TimeSpan ExportTimeout = TimeSpan.FromSeconds(2);

    // Of .NET's own meters, what a dashboard shows.
    private static readonly HashSet<string> FromDotnet = new(StringComparer.Ordinal) { "http.server.request.duration", "dotnet.process.memory.working_set", "dotnet.process.cpu.time", "dotnet.gc.pause.time" };

    public static IServiceCollection AddTelemetry(this IServiceCollection services, ApplianceOptions options)
    {
        services.AddSingleton<InspectionTraces>().AddHostedService<StationMetrics>();
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("inspection-appliance", serviceVersion: StationHost.Version, serviceInstanceId: options.Station))
            .WithMetrics(metrics => metrics
                .AddMeter(StationMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "System.Runtime")
                .AddView(Shown)
                .AddPrometheusExporter(prometheus => prometheus.ScrapeResponseCacheDurationMilliseconds = 0));
        if (options.Telemetry.TracesTo is not { } to) return services;
        telemetry.WithTracing(traces => traces
            .AddSource(InspectionTraces.SourceName)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.Telemetry.TraceShare)))
            .AddOtlpExporter(otlp =>
            {
                otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
                otlp.Endpoint = new(to.TrimEnd('/') + "/v1/traces");
                otlp.TimeoutMilliseconds = (int)ExportTimeout.TotalMilliseconds;
            }));
        return services;
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint("/metrics");

    private static MetricStreamConfiguration? Shown(Instrument instrument) => instrument.Meter.Name == StationMetrics.MeterName || FromDotnet.Contains(instrument.Name) ? null : MetricStreamConfiguration.Drop;
}
