using Appliance.Journal;
using Appliance.Models;
using Appliance.Samples;
using Appliance.Training;
using Appliance.Web.Contract;
using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
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
        routes.MapGet("/api/v1/models", (ModelStore store, LiveModel live, SampleIndex index, HttpRequest request, int? limit, string? before) =>
        {
            if (Paging.Refuse(limit, before) is { } wrong) return Problems.BadRequest(wrong);
            var take = limit ?? Paging.Usual;
            var (history, next) = Paging.Cut(index.History<ModelPromoted>(take + 1, Paging.PlaceOf(before)), take, request);
            var listing = store.List();
            return Results.Json(
                new ModelPage([.. listing.Models.Select(m => View(m.Manifest, live))], [.. listing.Broken.Select(b => b.Message)], history, next), WebJson.Default.ModelPage);
        }).RequireAuthorization(Roles.Read).Answers<ModelPage>("The models in the store, those that are broken, and who made which one live.", StatusCodes.Status503ServiceUnavailable);
        routes.MapGet("/api/v1/models/{model}", (string model, ModelStore store, LiveModel live) => Found(() =>
        {
            // With the policy that it is live with, where it is.
            var package = live.Standing is { } standing && standing.Promotion.Model == model ? store.Read(model, standing.Promotion.Content) : store.Read(model);
            var m = package.Manifest;
            return Results.Json(
                new ModelDetail(View(m, live), m.Choices, package.Policy, package.PolicyId, package.HasOwnPolicy, m.SnapshotSha256, m.OutOfFold.Count), WebJson.Default.ModelDetail);
        })).RequireAuthorization(Roles.Read).Answers<ModelDetail>("One model: its figures, the choices made for it with their reasons, and the policy that it is live with, or would be.", StatusCodes.Status404NotFound);
        routes.MapGet("/api/v1/models/compare", (string? a, string? b, ModelComparer comparer) => a is null || b is null
                ? Problems.BadRequest("a and b are the ids of the models to compare; GET /api/v1/models lists them.")
                : Found(() => DeskResults.Ask(comparer.Compare(a, b), WebJson.Default.ModelComparison)))
            .RequireAuthorization(Roles.Read).Answers<ModelComparison>("Two models on the same labelled parts, which neither has seen: escapes, overkill, reviews, classes, and the parts on which they differ.", Refusals);
        routes.MapPost("/api/v1/models/{model}/promote", (string model, PromoteBody body, ModelDesk desk, LiveModel live, CancellationToken cancellation) =>
            ChangeAsync(body.By, body.Why, () => desk.PromoteAsync(model, body.PackagePolicy ?? false, body.OverrideMustCatch ?? false, body.By!, body.Why!, cancellation), live))
            .RequireAuthorization(Roles.Manage).Once().Answers<ModelView>("Makes a stored model live by a person's word. What a person set in the live policy goes along, unless the policy of its package is asked for. It is recorded before it judges.", Refusals);
        routes.MapPost("/api/v1/models/rollback", (OverridingBody body, ModelDesk desk, LiveModel live, CancellationToken cancellation) =>
            ChangeAsync(body.By, body.Why, () => desk.RollbackAsync(body.OverrideMustCatch ?? false, body.By!, body.Why!, cancellation), live))
            .RequireAuthorization(Roles.Manage).Once().Answers<ModelView>("Goes back to the model, or the policy, that was live before.", Refusals);
    }

    private static Task<IResult> ChangeAsync(string? by, string? why, Func<Task<DeskAnswer<StandingModel>>> change, LiveModel live) => Signature.Refuse(by, why) is { } wrong
        ? Task.FromResult(Problems.BadRequest(wrong))
        : DeskResults.AskAsync(change, WebJson.Default.ModelView, now => View(now.Package.Manifest, live));

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
        new(m.ModelId, live.Current?.Model == m.ModelId, m.Classes, m.Parent, m.CreatedAt, m.CreatedBy, m.Metrics, m.OutOfFold.Count, m.OutOfFold.Select(p => p.Part).Distinct(StringComparer.Ordinal).Count());
}
