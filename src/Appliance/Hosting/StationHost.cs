using System.Reflection;
using System.Text.Json;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Samples;
using Appliance.Settings;
using Appliance.Web;
using Appliance.Web.Contract;
using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
using Appliance.Web.Limits;
using Inference.Embeddings;
using Inference.Files;
using Inference.Packages;
using Inference.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Appliance.Hosting;

/// <summary>The service as a process: builds it, runs it, and says by the exit code how it ended.</summary>
internal static class StationHost
{
    private const int Done = 0;
    private const int Failed = 1;

    public static string Version { get; } =
        typeof(StationHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>0 after an orderly stop; 1 when it could not start, or a worker died.</summary>
    public static async Task<int> RunAsync(ApplianceOptions options, ConfigurationSource source, CancellationToken cancellation)
    {
        if (StateDirectory.Refuse(options.StateDirectory, options.Station) is { } refusal)
        {
            await Console.Error.WriteLineAsync(refusal);
            return Failed;
        }

        using var limit = new ShutdownLimit();
        try
        {
            await using var app = Build(options, source);
            app.Lifetime.ApplicationStopping.Register(limit.Begin);
            app.Lifetime.ApplicationStopping.Register(app.Logger.Stops);
            var workers = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
            await StartAsync(app, cancellation);
            WriteEndpoints(app, options);
            await UntilStoppedAsync(app, workers, cancellation);
            File.Delete(EndpointsPath(options));
            if (workers.Any(w => w.ExecuteTask is { IsFaulted: true })) return Failed;
            app.Logger.Stopped(app.Services.GetRequiredService<StationJournal>().LastCommitted.ToString());
            return Done;
        }
        catch (Exception e) when (Explain(e, options) is { } explanation)
        {
            await Console.Error.WriteLineAsync(explanation);
            return Failed;
        }
    }

    // A thread that hangs in native code still uses what would be disposed of.
    private static async Task UntilStoppedAsync(WebApplication app, IReadOnlyList<BackgroundService> workers, CancellationToken cancellation)
    {
        await app.WaitForShutdownAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (workers.FirstOrDefault(w => w.ExecuteTask is { IsCompleted: false }) is { } stuck) ShutdownLimit.End(stuck.GetType().Name);
    }

    // What had started already is stopped in its order before it is disposed of: the line runs before HTTP listens.
    private static async Task StartAsync(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.StopAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <param name="source">Where a reload reads; null for none.</param>
    internal static WebApplication Build(ApplianceOptions options, ConfigurationSource? source = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production });
        builder.WebHost.UseUrls(options.Listen);
        builder.WebHost.ConfigureKestrel(kestrel => (kestrel.Limits.MaxRequestBodySize, kestrel.Limits.MaxRequestLineSize) = (Problems.MaxBodyBytes, Problems.MaxLineBytes));
        // Critical is the death of a worker. A failed start is explained in one sentence, see below.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.Hosting", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddFilter(level => level >= options.Logging.Level);
        builder.Services.AddServiceManager();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownLimit.Orderly);
        builder.Services.ConfigureHttpJsonOptions(json => WebJson.Configure(json.SerializerOptions));
        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Problems.Explain);
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddExceptionHandler(handler =>
        {
            handler.StatusCodeSelector = Problems.StatusOf;
            handler.SuppressDiagnosticsCallback = failed => failed.Exception is BadHttpRequestException;
        });
        builder.Services.AddContract().AddKeys().AddRequestRate(options).AddSingleton<RecordedAnswers>();
        if (source is not null) builder.Services.AddSingleton(source);
        builder.Services.AddStation(options);
        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.RefuseKeysInUrls();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.NameCallers();
        app.UseMiddleware<OnceMiddleware>();
        app.MapStation();
        return app;
    }

    private static void WriteEndpoints(WebApplication app, ApplianceOptions options)
    {
        var http = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var (broker, journal) = (app.Services.GetService<EmbeddedBroker>(), app.Services.GetRequiredService<StationJournal>());
        var address = options.Mqtt.Address;
        var endpoints = new Endpoints(http, broker?.Host ?? address.Host, broker?.Port ?? address.Port, Environment.ProcessId, journal.Epoch);
        WholeFile.Write(LinuxFileSystem.Instance, EndpointsPath(options), JsonSerializer.SerializeToUtf8Bytes(endpoints, EndpointsJson.Default.Endpoints));
        app.Logger.Runs(options.Station, Version, journal.Epoch, options.StateDirectory, http);
    }

    private static string EndpointsPath(ApplianceOptions options) => Path.Combine(options.StateDirectory, Endpoints.FileName);

    // What an administrator can mend gets a sentence; a fault of this program gets its trace.
    private static string? Explain(Exception e, ApplianceOptions options) => e switch
    {
        JournalException or BrokerException or NetworkException or PackageException => e.Message,
        EmbeddingFileException => $"{e.Message} 'appliance repair --state {options.StateDirectory}' moves it aside and names what is lost.",
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } =>
            $"{options.Listen} is in use by another program, so the HTTP interface cannot start. Stop that program, or set Listen to a free port.",
        IOException or UnauthorizedAccessException or LiteDB.LiteException or IndexUnavailableException => $"The appliance cannot start: {e.Message}",
        OperationCanceledException => "Stopped before it had started.",
        _ => null,
    };
}
