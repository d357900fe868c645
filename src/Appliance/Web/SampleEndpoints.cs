using Appliance.Journal;
using Appliance.Samples;
using Appliance.Web.Contract;
using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
using Inference.Decisions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class SampleEndpoints
{
    private static readonly int[] Refusals = [StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable];

    public static void MapSamples(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/samples", (
            SampleIndex index, HttpRequest request, bool? unlabelled, string? order, int? limit, string? before, string? verdict, string? label, string? camera, string? part, string? why, bool? disputed) =>
        {
            var take = limit ?? 50;
            if (Paging.RefuseLimit(take) is { } wrong) return Problems.BadRequest(wrong);
            if (before is not null && !InspectionId.TryParse(before, out _)) return Problems.BadRequest($"before is '{before}'; it takes a sample id, for example 3-1204.");
            if (unlabelled == true && ((verdict ?? label ?? camera ?? part ?? why) is not null || disputed == true))
                return Problems.BadRequest("unlabelled goes with order, limit and before only; leave out verdict, label, camera, part, why and disputed.");
            if (order is not (null or "uncertain" or "newest")) return Problems.BadRequest($"order is '{order}'; it takes uncertain or newest.");
            if (order == "uncertain" && unlabelled != true) return Problems.BadRequest("order=uncertain goes with unlabelled=true: what has a label needs no other.");
            if (why is not (null or "verdict" or "audit" or "import")) return Problems.BadRequest($"why is '{why}'; it takes verdict, audit or import.");
            if (verdict is not null && !VerdictWords.All.Contains(verdict)) return Problems.BadRequest($"verdict is '{verdict}'; it takes {string.Join(", ", VerdictWords.All)}.");
            var found = unlabelled == true
                ? index.Unlabelled(take + 1, before, order == "newest" ? LabelOrder.Newest : LabelOrder.Uncertain)
                : index.Latest(take + 1, new SampleFilter(verdict, label, camera, part, why, disputed == true), before);
            var (page, next) = Paging.Cut(found, take, request, s => s.Id);
            return Results.Json(new SamplePage([.. page.Select(View)], index.CountByLabel(), next), WebJson.Default.SamplePage);
        }).RequireAuthorization(Roles.Read).Answers<SamplePage>("Samples, newest first or, without a label, the most uncertain first, and how many there are a class.", StatusCodes.Status503ServiceUnavailable);
        routes.MapGet("/api/v1/samples/{sample}", (string sample, SampleIndex index, MissingSample missing) =>
            index.ById(sample) is { } known ? Results.Json(View(known), WebJson.Default.SampleView) : Problems.NotFound(missing.Say(sample)))
            .RequireAuthorization(Roles.Read).Answers<SampleView>("One sample with the history of its labels.", Refusals);
        routes.MapGet("/api/v1/samples/{sample}/picture", (string sample, SampleIndex index, PictureStore pictures, MissingSample missing) =>
        {
            if (index.ById(sample) is not { } known) return Problems.NotFound(missing.Say(sample));
            var path = pictures.PathOf(known.Kept.Picture, known.Kept.Extension);
            return File.Exists(path) ? Results.File(path, MediaType(known.Kept.Extension)) : Problems.NotFound($"The picture of sample '{sample}' is gone: {path}.");
        }).RequireAuthorization(Roles.Read).AnswersFile("The picture of a sample as it was kept.", ["image/png", "image/jpeg", "image/bmp", "application/octet-stream"], Refusals);
        routes.MapPost("/api/v1/samples/{sample}/label", async (string sample, LabelBody body, LabelDesk desk, CancellationToken cancellation) =>
        {
            var answer = await desk.LabelAsync(sample, body.Label ?? "", body.By ?? "", cancellation);
            if (answer.Fact is { } fact) return Results.Json(fact, WebJson.Default.SampleLabelled);
            return answer.Missing ? Problems.NotFound(answer.Refusal!) : Problems.BadRequest(answer.Refusal!);
        }).RequireAuthorization(Roles.Label).Once().Answers<SampleLabelled>("Says what a sample shows. It is on disk before the answer.", Refusals);
    }

    private static SampleView View(SampleDocument s) => new(
        s.Id, s.Kept.Camera, s.Kept.Part, s.Kept.Recipe, s.Kept.Source, s.Kept.Verdict, s.Kept.Class, s.Kept.Probability, s.Kept.Reason, s.Kept.Model,
        s.Kept.GrabbedAt, s.Kept.Why, Math.Round(Uncertainty.Of(s.Kept), 4), s.Label, s.LabelledBy, s.LabelledAt, s.IsDisputed, s.History, s.HasPicture ? $"/api/v1/samples/{s.Id}/picture" : null);

    private static string MediaType(string extension) => extension switch
    {
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".bmp" => "image/bmp",
        _ => "application/octet-stream",
    };
}
