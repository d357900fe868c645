using Appliance.Samples;
using Appliance.Training;
using Appliance.Web.Contract;
using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class UndoEndpoints
{
    public static void MapUndo(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/labels/undo", async (UndoBody body, UndoDesk desk, TrainingWorker training) =>
        {
            if (body.LabelledBy is null && body.Since is null && body.Until is null)
                return Problems.BadRequest("This would undo every label. Name whose labels are meant in 'labelledBy', or a period in 'since' and 'until'.");
            if (body.Since > body.Until) return Problems.BadRequest($"since is {body.Since:u}, after until, {body.Until:u}; it takes an earlier time.");
            var choice = new UndoChoice(body.LabelledBy, body.Since, body.Until);
            if (body.Preview) return Results.Json(new UndoView(await desk.LookAsync(choice), Done: false, TrainingRequested: false), WebJson.Default.UndoView);
            if (Signature.Refuse(body.By, body.Why) is { } wrong) return Problems.BadRequest(wrong);
            var result = await desk.UndoAsync(choice, body.By!, body.Why!);
            if (result.Labels == 0) return Results.Json(new UndoView(result, Done: true, TrainingRequested: false), WebJson.Default.UndoView);
            // One that waits already will see the labels as they are now.
            training.Request($"labels undone by {body.By}");
            return Results.Json(new UndoView(result, Done: true, TrainingRequested: true), WebJson.Default.UndoView);
        }).RequireAuthorization(Roles.Manage).Once().Answers<UndoView>("Undoes labels of a person or a period, and asks for a training round without them; with preview, only says what that would mean.", StatusCodes.Status503ServiceUnavailable);
}
