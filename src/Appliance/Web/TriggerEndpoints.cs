using Appliance.Capture;
using Appliance.Hosting;
using Appliance.Inspection;
using Appliance.Messaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class TriggerEndpoints
{
    public static void MapTriggers(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/triggers", async ([FromBody] TriggerCommand body, TriggerDesk desk, ApplianceOptions options, TimeProvider time, CancellationToken cancellation) =>
        {
            var timestamp = time.GetTimestamp();
            if (body.Errors().FirstOrDefault() is { } error) return Problems.BadRequest(error);
            var id = body.Id ?? $"http-{Guid.CreateVersion7():n}";
            var (verdict, problem) = await desk.InspectAsync(new TriggerRequest(id, body.Camera, body.Part, body.Recipe ?? options.Recipe, timestamp), cancellation);
            return verdict is not null ? Results.Json(verdict, WebJson.Default.VerdictMessage) : Problems.BadRequest(problem!);
        });
}
