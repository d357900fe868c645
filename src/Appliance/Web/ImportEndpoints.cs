using System.Text.Json;
using Appliance.Samples;
using Appliance.Web.Contract;
using Appliance.Web.Keys;
using Inference.Embeddings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web;

internal static class ImportEndpoints
{
    public static void MapImport(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/samples/import", async (
            HttpRequest http, ImportDesk desk, TimeProvider time, string? @class, string? by, string? name, string? part, string? sample, string? labelledBy, DateTimeOffset? at, string? history, bool? newClasses) =>
        {
            if (ReadHistory(history) is not { } labels) return Problems.BadRequest("history is not the JSON expected; it takes [{\"label\":\"scratch\",\"by\":\"anna\",\"at\":\"2026-03-02T06:00:00Z\"}].");
            if (labels.Count == 0 || @class is not null && labels[^1].Label != @class) labels.Add(new(@class ?? "", labelledBy ?? by ?? "", at ?? time.GetUtcNow()));
            var request = new ImportRequest(by ?? "", name, part, sample, labels, newClasses == true);
            if (desk.Refuse(request) is { } refused) return Answer(refused);
            if (desk.WhyStopped is { } stopped) return Problems.Unavailable($"No picture is taken: {stopped}.");
            using var place = desk.TryEnter();
            if (place is null)
                return Results.Problem($"{ImportDesk.MostAtOnce} pictures are being imported; try again in a moment.", statusCode: StatusCodes.Status429TooManyRequests);
            try
            {
                return Answer(await desk.TakeAsync(request, await ReadAsync(http)));
            }
            catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
            {
                return Results.Problem($"The picture is larger than {ImportDesk.MaxFileBytes} bytes.", statusCode: e.StatusCode);
            }
            catch (Exception e) when (e is IOException and not BadHttpRequestException or UnauthorizedAccessException or EmbeddingFileException)
            {
                return Problems.Unavailable($"The picture could not be kept: {e.Message}");
            }
        }).Accepts<byte[]>("application/octet-stream").RequireAuthorization(Roles.Label).Answers<ImportView>(
            "Takes one picture with its label from elsewhere: the body is its file. The same picture of the same part is found, and not kept twice. It is on disk before the answer.",
            StatusCodes.Status409Conflict, StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable);

    private static IResult Answer(ImportAnswer answer) => answer.Outcome switch
    {
        ImportOutcome.NewClass => Problems.Conflict(answer.Problem!),
        ImportOutcome.Refused => Problems.BadRequest(answer.Problem!),
        _ => Results.Json(new ImportView(answer.Outcome.ToString().ToLowerInvariant(), answer.Sample!, answer.Label), WebJson.Default.ImportView),
    };

    private static List<ImportedLabel>? ReadHistory(string? history)
    {
        try
        {
            var labels = history is null ? [] : JsonSerializer.Deserialize(history, WebJson.Default.ListImportedLabel);
            return labels is not null && labels.TrueForAll(l => l is { Label: not null, By: not null }) ? labels : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest http)
    {
        http.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = ImportDesk.MaxFileBytes;
        using var body = new MemoryStream((int)Math.Clamp(http.ContentLength ?? 0, 0, ImportDesk.MaxFileBytes));
        await http.Body.CopyToAsync(body, http.HttpContext.RequestAborted);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
