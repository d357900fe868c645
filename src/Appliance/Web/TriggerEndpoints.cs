using Appliance.Capture;
using Appliance.Hosting;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Web.Contract;
using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Appliance.Web;

internal static class TriggerEndpoints
{
    public static void MapTriggers(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/triggers", async ([FromBody] TriggerCommand body, TriggerDesk desk, StationJournal journal, ApplianceOptions options, TimeProvider time, IHostApplicationLifetime lifetime,
            CancellationToken cancellation) =>
        {
            var timestamp = time.GetTimestamp();
            if (body.Errors().FirstOrDefault() is { } error) return Problems.BadRequest(error);
            var id = body.Id ?? $"http-{Guid.CreateVersion7():n}";
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
            try
            {
                var request = new TriggerRequest(id, body.Camera, body.Part, body.Recipe ?? options.Recipe, timestamp) { Deadline = body.Deadline };
                var (verdict, refusal) = await desk.InspectAsync(request, ends.Token);
                if (verdict is null) return Problems.Refused(refusal!);
                // The journal's record, as on MQTT.
                return journal.ReadVerdict(new(verdict.Epoch, verdict.Sequence)) is { } record
                    ? Results.Bytes(record, "application/json")
                    : Problems.Unavailable($"The verdict {verdict.Epoch}-{verdict.Sequence} is not kept any more.");
            }
            catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // A camera that waits for a part would hold up the shutdown.
                return Problems.Unavailable($"The station stops. Trigger '{id}' is accepted: ask with this id again for its verdict.");
            }
        }).RequireAuthorization(Roles.Line).Once().Answers<VerdictMessage>(
            "Asks for one inspection and answers its verdict, byte for byte as on MQTT. The same id again gets the recorded verdict.",
            StatusCodes.Status409Conflict, StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable);
}
