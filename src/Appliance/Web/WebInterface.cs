using Appliance.Capture;
using Appliance.Disk;
using Appliance.Hosting;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Models;
using Appliance.Samples;
using Appliance.Settings;
using Appliance.Telemetry;
using Appliance.Training;
using Appliance.Web.Contract;
using Appliance.Web.Keys;
using Inference.Backbones;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

/// <summary>The HTTP interface under <c>/api/v1</c>.</summary>
internal static class WebInterface
{
    public static void MapStation(this IEndpointRouteBuilder routes)
    {
        routes.MapContract();
        routes.MapHealth();
        routes.MapMetrics();
        routes = routes.MapGroup("").RefuseUnknownQueries();
        routes.MapKeys();
        routes.MapTriggers();
        routes.MapLine();
        routes.MapSamples();
        routes.MapEvidence();
        routes.MapUndo();
        routes.MapImport();
        routes.MapModels();
        routes.MapShadow();
        routes.MapMustCatch();
        routes.MapPolicy();
        routes.MapTraining();
        routes.MapGet("/api/v1/status", (
            ApplianceOptions options, StationJournal journal, InspectionStatistics statistics, OutboxState outbox, CameraFleet cameras, LiveModel live,
            TrainingState training, SampleWriter samples, BackboneSession backbone, BrokerConnector connector, Func<StationSnapshot> snapshot, DiskSpace disk, MqttTriggers triggers, TopicRights rights, ConfigurationState configuration, RetentionWorker retention) =>
        {
            var (current, now, stopped, reserve) = (live.Current, snapshot(), samples.WhyStopped, journal.Reserve);
            return Results.Json(
                new StatusView(
                    options.Station, journal.Epoch, StationHost.Version, connector.Address.ToString(), statistics.Figures,
                    new(outbox.LastCommitted.ToString(), outbox.LastAcknowledged.ToString(), outbox.Backlog, outbox.IsConnected, outbox.LastError, outbox.Undelivered, outbox.Loop, rights.Refused),
                    cameras.States, current?.Model, current?.Policy, live.Swaps, training.View, samples.Kept, samples.Skipped,
                    backbone.Provider.ToString(), backbone.Info.Architecture, now.State, now.Detail,
                    new(journal.Trouble, journal.Unrecorded.Total, reserve.SizeBytes, reserve.LeftBytes),
                    new(stopped is null ? "running" : "stopped", stopped, samples.Kept, samples.Skipped, samples.NearCopies, samples.BeyondLimit, disk.FreeBytes), retention.View, new(triggers.Accepted, triggers.Refused), configuration.View, now.Shadow),
                WebJson.Default.StatusView);
        }).RequireAuthorization(Roles.Read).Answers<StatusView>("What the station is doing: cameras, counts, latencies, delivery, model, training.");
    }
}
