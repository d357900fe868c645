using Appliance.Samples;
using Appliance.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class TrainingEndpoints
{
    public static void MapTraining(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/training", (TrainingState state, SampleIndex index) => Results.Json(new TrainingPage(state.View, index.Trainings(100)), WebJson.Default.TrainingPage));
        routes.MapPost("/api/v1/training", (RequestBody body, TrainingWorker worker, TrainingState state) =>
        {
            if (string.IsNullOrWhiteSpace(body.By)) return Problems.BadRequest("'by' is empty: a training carries the name of who asks for it.");
            worker.Request(body.By);
            return Results.Json(new TrainingPage(state.View, []), WebJson.Default.TrainingPage, statusCode: StatusCodes.Status202Accepted);
        });
    }
}
