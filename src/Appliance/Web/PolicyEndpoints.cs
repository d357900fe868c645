using Appliance.Policies;
using Appliance.Web.Contract;
using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
using Inference.Decisions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class PolicyEndpoints
{
    private const int MostShown = 1000;
    private const string NoPolicy = "policy is missing; 'appliance policy propose' makes one.";

    private static readonly int[] Refusals = [StatusCodes.Status409Conflict, StatusCodes.Status503ServiceUnavailable];

    public static void MapPolicy(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/policy", (PolicyDesk desk) => DeskResults.AskAsync(desk.Live, WebJson.Default.LivePolicy))
            .RequireAuthorization(Roles.Read).Answers<LivePolicy>("The live policy, with its model, and what to expect of it.", Refusals);
        routes.MapPost("/api/v1/policy", (PolicyChange body, PolicyDesk desk, CancellationToken cancellation) =>
        {
            if (Signature.Refuse(body.By, body.Why) is { } wrong) return Task.FromResult(Problems.BadRequest(wrong));
            return body.Policy is { Thresholds: not null } policy
                ? DeskResults.AskAsync(() => desk.ChangeAsync(policy, body.OverrideMustCatch ?? false, body.By!, body.Why!, cancellation), WebJson.Default.LivePolicy)
                : Task.FromResult(Problems.BadRequest(NoPolicy));
        }).RequireAuthorization(Roles.Manage).Once().Answers<LivePolicy>("Makes a policy live with the live model, between two inspections. It is recorded before it judges.", Refusals);
        routes.MapPost("/api/v1/policy/proposal", (PolicyObjective body, PolicyDesk desk) => DeskResults.AskAsync(() => desk.Propose(body), WebJson.Default.PolicyProposal))
            .RequireAuthorization(Roles.Read).Answers<PolicyProposal>("Thresholds for a limit to escapes, or for least cost, and what to expect of them. Changes nothing.", Refusals);
        routes.MapPost("/api/v1/policy/whatif", (PolicyTrial body, PolicyDesk desk, CancellationToken cancellation) =>
        {
            if (body.Policy is not { Thresholds: not null } policy) return Task.FromResult(Problems.BadRequest(NoPolicy));
            return body.Limit is < 0 or > MostShown
                ? Task.FromResult(Problems.BadRequest($"limit is {body.Limit}; it takes 0 to {MostShown}."))
                : DeskResults.AskAsync(() => desk.TryAsync(policy, body.Since, body.Limit ?? 100, cancellation), WebJson.Default.WhatIfResult);
        }).RequireAuthorization(Roles.Read).Answers<WhatIfResult>("What a policy would have said otherwise of the inspections that were kept. One at a time. Changes nothing.", [.. Refusals, StatusCodes.Status429TooManyRequests]);
    }
}
