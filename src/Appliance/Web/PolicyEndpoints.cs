using Appliance.Policies;
using Appliance.Samples;
using Appliance.Web.Contract;
using Inference.Decisions;
using Inference.Packages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class PolicyEndpoints
{
    private const int MostShown = 1000;
    private const string NoModel = "There is no live model yet; label samples and train one first.";

    private static readonly int[] Refusals = [StatusCodes.Status409Conflict, StatusCodes.Status503ServiceUnavailable];

    public static void MapPolicy(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/policy", (PolicyDesk desk) => Answer(() => desk.Live() is { } live ? Results.Json(live, WebJson.Default.LivePolicy) : Problems.Conflict(NoModel)))
            .Answers<LivePolicy>("The live policy, with its model, and what to expect of it.", Refusals);
        routes.MapPost("/api/v1/policy", async (PolicyChange body, PolicyDesk desk, CancellationToken cancellation) =>
        {
            if (LabelDesk.RefuseText("name of who asks for it in 'by'", body.By) is { } wrong) return Problems.BadRequest(wrong);
            if (body.Policy is not { Thresholds: not null } policy) return Problems.BadRequest("policy is missing; 'appliance policy propose' makes one.");
            try
            {
                var refusal = await desk.ChangeAsync(policy, body.By!, body.Why ?? "no reason given", cancellation);
                return refusal is null ? Results.Json(desk.Live(), WebJson.Default.LivePolicy) : Problems.Conflict(refusal);
            }
            catch (Exception e) when (IsOfTheFiles(e))
            {
                return Problems.Conflict(e.Message);
            }
        }).Answers<LivePolicy>("Makes a policy live with the live model, between two inspections. It is recorded before it judges.", Refusals);
        routes.MapPost("/api/v1/policy/proposal", (PolicyObjective body, PolicyDesk desk) =>
        {
            var errors = PolicyProposer.Validate(body).ToList();
            if (errors.Count > 0) return Problems.BadRequest(string.Join(" ", errors));
            return Answer(() => desk.Propose(body) is { } proposal ? Results.Json(proposal, WebJson.Default.PolicyProposal) : Problems.Conflict(NoModel));
        }).Answers<PolicyProposal>("Thresholds for a limit to escapes, or for least cost, and what to expect of them. Changes nothing.", Refusals);
        routes.MapPost("/api/v1/policy/whatif", (PolicyTrial body, PolicyDesk desk, CancellationToken cancellation) =>
        {
            if (body.Policy is not { Thresholds: not null } policy) return Problems.BadRequest("policy is missing; 'appliance policy propose' makes one.");
            if (body.Limit is < 0 or > MostShown) return Problems.BadRequest($"limit is {body.Limit}; it takes 0 to {MostShown}.");
            return Answer(() =>
            {
                var (result, refusal) = desk.Try(policy, body.Since, body.Limit ?? 100, cancellation);
                return result is not null ? Results.Json(result, WebJson.Default.WhatIfResult) : Problems.Conflict(refusal!);
            });
        }).Answers<WhatIfResult>("What a policy would have said otherwise of what was kept. Changes nothing.", Refusals);
    }

    // A package or embedding file that is damaged or gone.
    private static bool IsOfTheFiles(Exception e) => e is PackageException or Inference.Embeddings.EmbeddingFileException or Inference.Runtime.NetworkException or IOException;

    private static IResult Answer(Func<IResult> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IsOfTheFiles(e))
        {
            return Problems.Conflict(e.Message);
        }
    }
}
