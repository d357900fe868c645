using Appliance.Journal;
using Appliance.Models;
using Appliance.Models.Shadows;
using Appliance.Web.Contract;
using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class ShadowEndpoints
{
    private const long UsualInspections = 1000;
    private static readonly int[] Refusals = [StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status503ServiceUnavailable];

    public static void MapShadow(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/models/shadow", (ShadowPeriod shadow) => Results.Json(shadow.Page, WebJson.Default.ShadowPage))
            .RequireAuthorization(Roles.Read).Answers<ShadowPage>("The candidate that judges beside the live model, what it said so far and on which inspections they differ; and how the periods before it ended.", StatusCodes.Status503ServiceUnavailable);
        routes.MapPost("/api/v1/models/{model}/shadow", (string model, ShadowBody body, ModelDesk desk, CancellationToken cancellation) =>
        {
            if (Signature.Refuse(body.By, body.Why) is { } wrong) return Task.FromResult(Problems.BadRequest(wrong));
            if (body.Inspections is < 1 or > ShadowTerms.MostInspections) return Task.FromResult(Problems.BadRequest($"inspections is {body.Inspections}; it takes 1 to {ShadowTerms.MostInspections}."));
            if (body.Hours is { } hours && !(hours > 0 && hours <= ShadowTerms.LongestTime.TotalHours))
                return Task.FromResult(Problems.BadRequest(FormattableString.Invariant($"hours is {hours}; it takes more than 0, up to {ShadowTerms.LongestTime.TotalHours}.")));
            var terms = new ShadowTerms(body.Inspections ?? (body.Hours is null ? UsualInspections : 0), body.Hours is { } h ? TimeSpan.FromHours(h) : null, body.Promotes ?? false);
            return DeskResults.AskAsync(() => desk.ShadowAsync(model, body.PackagePolicy ?? false, terms, body.By!, body.Why!, cancellation), WebJson.Default.ShadowView);
        }).RequireAuthorization(Roles.Manage).Once().Answers<ShadowView>("Lets a stored model judge beside the live one, without a say, for so many inspections (1000) or hours. Where they differ is listed.", Refusals);
        routes.MapPost("/api/v1/models/shadow/dismiss", (ChangeBody body, ShadowPeriod shadow, CancellationToken cancellation) => Signature.Refuse(body.By, body.Why) is { } wrong
            ? Task.FromResult(Problems.BadRequest(wrong))
            : DeskResults.AskAsync(() => shadow.DismissAsync(body.By!, body.Why!, cancellation), WebJson.Default.ShadowEnded))
            .RequireAuthorization(Roles.Manage).Once().Answers<ShadowEnded>("Ends the shadow period; the live model stays. To end it the other way, promote the candidate.", Refusals);
    }
}
