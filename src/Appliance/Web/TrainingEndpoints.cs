using Appliance.Journal;
using Appliance.Samples;
using Appliance.Training;
using Appliance.Web.Contract;
using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class TrainingEndpoints
{
    public static void MapTraining(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/training", (TrainingState state, SampleIndex index, HttpRequest request, int? limit, string? before) =>
        {
            if (Paging.Refuse(limit, before) is { } wrong) return Problems.BadRequest(wrong);
            var take = limit ?? Paging.Usual;
            var (rounds, next) = Paging.Cut(index.History<TrainingFinished>(take + 1, Paging.PlaceOf(before)), take, request);
            return Results.Json(new TrainingPage(state.View, rounds, Next: next), WebJson.Default.TrainingPage);
        }).RequireAuthorization(Roles.Read).Answers<TrainingPage>("What training does now, and how its rounds ended, newest first.", StatusCodes.Status503ServiceUnavailable);
        routes.MapPost("/api/v1/training", (RequestBody body, TrainingWorker worker, TrainingState state) =>
        {
            if (Signature.RefuseBy(body.By) is { } refusal) return Problems.BadRequest(refusal);
            // One that runs began with labels of before: the round that answers is the one after it.
            var answer = state.View.Rounds + (state.View.Job is null ? 1 : 2);
            worker.Request(body.By!);
            return Results.Json(new TrainingPage(state.View, [], answer), WebJson.Default.TrainingPage, statusCode: StatusCodes.Status202Accepted);
        }).RequireAuthorization(Roles.Label).Once().AnswersLater<TrainingPage>("Asks for a training round. It is over once now.rounds has reached answer.");
    }
}
