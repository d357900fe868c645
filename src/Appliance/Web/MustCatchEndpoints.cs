using Appliance.Models;
using Appliance.Models.MustCatch;
using Appliance.Web.Contract;
using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class MustCatchEndpoints
{
    private static readonly int[] Refusals = [StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status503ServiceUnavailable];

    public static void MapMustCatch(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/must-catch", (MustCatchList list) => Results.Json(list.All(), WebJson.Default.MustCatchPage))
            .RequireAuthorization(Roles.Read).Answers<MustCatchPage>("The samples that no model may pass as good, and what is wrong with those that cannot be judged.", StatusCodes.Status503ServiceUnavailable);
        routes.MapPost("/api/v1/must-catch/{sample}/add", (string sample, ChangeBody body, MustCatchList list, CancellationToken cancellation) =>
            ChangeAsync(body, () => list.AddAsync(sample, body.By!, body.Why!, cancellation)))
            .RequireAuthorization(Roles.Manage).Once().Answers<MustCatchSample>("Puts a sample on the list that people have labelled bad: from then on no model that passes it goes live by itself.", Refusals);
        routes.MapPost("/api/v1/must-catch/{sample}/remove", (string sample, ChangeBody body, MustCatchList list, CancellationToken cancellation) =>
            ChangeAsync(body, () => list.RemoveAsync(sample, body.By!, body.Why!, cancellation)))
            .RequireAuthorization(Roles.Manage).Once().Answers<MustCatchSample>("Takes a sample off the list.", Refusals);
    }

    private static Task<IResult> ChangeAsync(ChangeBody body, Func<Task<DeskAnswer<MustCatchSample>>> change) =>
        Signature.Refuse(body.By, body.Why) is { } wrong ? Task.FromResult(Problems.BadRequest(wrong)) : DeskResults.AskAsync(change, WebJson.Default.MustCatchSample);
}
