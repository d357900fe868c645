using Appliance.Health;
using Appliance.Web.Contract;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

/// <summary>For machines that watch over the station, and need no key for it.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", (PipelineProgress progress) => progress.Stuck(PipelineProgress.UsualLimit) is { } stuck
            ? Problems.Unavailable($"{stuck} has stood still for more than {PipelineProgress.UsualLimit.TotalSeconds:0} s. A restart may help; the journal is made for it.")
            : Results.Json(new AliveView(true), WebJson.Default.AliveView)).Answers<AliveView>("Whether the process lives and the line makes progress.", StatusCodes.Status503ServiceUnavailable).AllowAnonymous();
        routes.MapGet("/readyz", (Readiness readiness) =>
        {
            var view = readiness.Look();
            return Results.Json(view, WebJson.Default.ReadinessView, statusCode: view.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).Answers<ReadinessView>("Whether parts can be judged and their verdicts delivered, part by part, with the reason; 503 with the same members while not.").Produces<ReadinessView>(StatusCodes.Status503ServiceUnavailable, "application/json").AllowAnonymous();
    }
}
