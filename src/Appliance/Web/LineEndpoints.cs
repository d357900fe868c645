using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Samples;
using Appliance.Web.Contract;
using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class LineEndpoints
{
    public static void MapLine(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/line/pause", (RequestBody body, LineSwitch line, CancellationToken cancellation) => SwitchAsync(true, body, line, cancellation))
            .RequireAuthorization(Roles.Line).Once().Answers<LineSwitched>("Pauses the line: no pictures are taken, triggers are refused, until it is resumed, also over a restart.", StatusCodes.Status503ServiceUnavailable);
        routes.MapPost("/api/v1/line/resume", (RequestBody body, LineSwitch line, CancellationToken cancellation) => SwitchAsync(false, body, line, cancellation))
            .RequireAuthorization(Roles.Line).Once().Answers<LineSwitched>("Lets a paused line go on, and tries cameras that failed at once.", StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> SwitchAsync(bool paused, RequestBody body, LineSwitch line, CancellationToken cancellation)
    {
        if (Signature.RefuseBy(body.By) is { } wrong) return Problems.BadRequest(wrong);
        if (body.Why is not null && LabelDesk.RefuseText("reason in 'why'", body.Why) is { } unclear) return Problems.BadRequest(unclear);
        return Results.Json(await line.SwitchAsync(paused, body.By!, body.Why, cancellation), WebJson.Default.LineSwitched);
    }
}
