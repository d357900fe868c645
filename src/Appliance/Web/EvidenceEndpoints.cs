using Appliance.Evidence;
using Appliance.Samples;
using Appliance.Web.Contract;
using Appliance.Web.Keys;
using Inference.Evidence;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class EvidenceEndpoints
{
    private static readonly int[] Refusals = [StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable];

    public static void MapEvidence(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/samples/{sample}/evidence", (string sample, SampleIndex index, EvidenceDesk desk, MissingSample missing, CancellationToken cancellation) =>
            AnswerAsync(sample, index, desk, missing, (known, answer) => Task.FromResult(Results.Json(View(known, answer), WebJson.Default.EvidenceView)), cancellation))
            .RequireAuthorization(Roles.Read).Answers<EvidenceView>("Why a sample is NG or UNSURE, by place: the strongest one, what each stage says, and the grid over the picture.", Refusals);
        routes.MapGet("/api/v1/samples/{sample}/evidence.png", (string sample, SampleIndex index, EvidenceDesk desk, MissingSample missing, CancellationToken cancellation) =>
            AnswerAsync(sample, index, desk, missing, (known, answer) => DrawAsync(known, answer.Map!, desk, cancellation), cancellation))
            .RequireAuthorization(Roles.Read).AnswersFile("The picture of a sample, grey, with what speaks for its verdict laid over it in colour.", ["image/png"], Refusals);
    }

    private static async Task<IResult> AnswerAsync(string sample, SampleIndex index, EvidenceDesk desk, MissingSample missing, Func<SampleDocument, EvidenceAnswer, Task<IResult>> give, CancellationToken cancellation)
    {
        if (index.ById(sample) is not { } known) return Problems.NotFound(missing.Say(sample));
        var answer = await desk.FindAsync(known, cancellation);
        return answer.Map is null ? Problems.NotFound(answer.Problem!) : await give(known, answer);
    }

    private static async Task<IResult> DrawAsync(SampleDocument sample, EvidenceMap map, EvidenceDesk desk, CancellationToken cancellation)
    {
        var (png, problem) = await desk.DrawAsync(sample, map, cancellation);
        return png is null ? Problems.NotFound(problem!) : Results.Bytes(png, "image/png");
    }

    private static EvidenceView View(SampleDocument sample, EvidenceAnswer answer)
    {
        var map = answer.Map!;
        var ((x, y), (column, row)) = (map.PeakPx, map.Grid.Peak());
        return new(sample.Id, sample.Kept.Model!, map.Of, map.Against, map.Score, map.Bias, new(x, y, map.Grid[column, row]), map.Stages, map.Region, map.Grid, answer.IsStored);
    }
}
