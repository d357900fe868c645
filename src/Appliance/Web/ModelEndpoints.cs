using Appliance.Models;
using Appliance.Samples;
using Appliance.Web.Contract;
using Inference.Packages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class ModelEndpoints
{
    private static readonly int[] Refusals = [StatusCodes.Status404NotFound, StatusCodes.Status409Conflict, StatusCodes.Status503ServiceUnavailable];

    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/models", (ModelStore store, LiveModel live, SampleIndex index) =>
        {
            var listing = store.List();
            return Results.Json(
                new ModelPage([.. listing.Models.Select(m => View(m.Manifest, live))], [.. listing.Broken.Select(b => b.Message)], index.Promotions(100)), WebJson.Default.ModelPage);
        }).Answers<ModelPage>("The models in the store, those that are broken, and who made which one live.", StatusCodes.Status503ServiceUnavailable);
        routes.MapGet("/api/v1/models/{model}", (string model, ModelStore store, LiveModel live) => Found(() =>
        {
            var package = store.Read(model);
            var m = package.Manifest;
            return Results.Json(
                new ModelDetail(View(m, live), m.Choices, package.Policy, package.PolicyId, m.SnapshotSha256, m.OutOfFold.Count), WebJson.Default.ModelDetail);
        })).Answers<ModelDetail>("One model: its figures, the choices made for it with their reasons, its policy.", StatusCodes.Status404NotFound);
        routes.MapPost("/api/v1/models/{model}/promote", (string model, RequestBody body, LiveModel live, ModelStore store, CancellationToken cancellation) =>
            ChangeAsync(body, why => live.PromoteAsync(store.Read(model).ModelId, body.By!, "promoted: " + why, cancellation), live, store))
            .Answers<ModelView>("Makes a stored model live by a person's word, with the policy of its package. It is recorded before it judges.", Refusals);
        routes.MapPost("/api/v1/models/rollback", (RequestBody body, LiveModel live, ModelStore store, CancellationToken cancellation) =>
            ChangeAsync(body, why => live.RollbackAsync(body.By!, "rollback: " + why, cancellation), live, store))
            .Answers<ModelView>("Goes back to the model, or the policy, that was live before.", Refusals);
    }

    private static async Task<IResult> ChangeAsync(RequestBody body, Func<string, Task<string?>> change, LiveModel live, ModelStore store)
    {
        if (LabelDesk.RefuseText("name of who asks for it in 'by'", body.By) is { } wrong) return Problems.BadRequest(wrong);
        try
        {
            var refusal = await change(body.Why ?? "no reason given");
            return refusal is null ? Results.Json(View(store.Read(live.Current!.Model).Manifest, live), WebJson.Default.ModelView) : Problems.Conflict(refusal);
        }
        catch (PackageException e)
        {
            return Problems.NotFound(e.Message);
        }
    }

    private static IResult Found(Func<IResult> read)
    {
        try
        {
            return read();
        }
        catch (PackageException e)
        {
            return Problems.NotFound(e.Message);
        }
    }

    private static ModelView View(ModelManifest m, LiveModel live) =>
        new(m.ModelId, live.Current?.Model == m.ModelId, m.Classes, m.Parent, m.CreatedAt, m.CreatedBy, m.Metrics);
}
