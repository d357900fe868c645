using Appliance.Samples;
using Appliance.Web.Contract;
using Appliance.Web.Keys;
using Inference.Embeddings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using System.Text.Json;

namespace Appliance.Web;

internal static class ImportEndpoints
{
    // A sender that stalls holds its room no longer than this allows; 4 MB still have four minutes.
    private const double LeastBytesASecond = 16 << 10;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    public static void MapImport(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/samples/import", async (
            HttpRequest http, ImportDesk desk, TimeProvider time, string? @class, string? by, string? name, string? part, string? sample, string? labelledBy, DateTimeOffset? at, string? history, bool? newClasses) =>
        {
            if (ReadHistory(history) is not { } labels) return Problems.BadRequest("history is not the JSON expected; it takes [{\"label\":\"scratch\",\"by\":\"anna\",\"at\":\"2026-03-02T06:00:00Z\"}].");
            if (labels.Count == 0 || @class is not null && labels[^1].Label != @class) labels.Add(new(@class ?? "", labelledBy ?? by ?? "", at ?? time.GetUtcNow()));
            var request = new ImportRequest(by ?? "", name, part, sample, labels, newClasses == true);
            if (desk.Refuse(request) is { } refused) return Answer(refused);
            if (desk.WhyStopped is { } stopped) return Problems.Unavailable($"No picture is taken: {stopped}.");
            using var room = desk.TryReserve(Math.Min(http.ContentLength ?? ImportDesk.MaxFileBytes, ImportDesk.MaxFileBytes));
            if (room is null) return Busy($"Pictures of {ImportDesk.MostBytes >> 20} MiB are on their way");
            try
            {
                var picture = await ReadAsync(http);
                using var place = desk.TryEnter();
                return place is null ? Busy($"{ImportDesk.MostAtOnce} pictures are being imported") : Answer(await desk.TakeAsync(request, picture));
            }
            catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status408RequestTimeout)
            {
                return Results.Problem($"The picture came too slowly: it takes {LeastBytesASecond / 1024:0} KiB a second. Nothing was kept; send it again.", statusCode: e.StatusCode);
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
            StatusCodes.Status408RequestTimeout, StatusCodes.Status409Conflict, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable);

    private static IResult Busy(string why) => Results.Problem($"{why}; try again in a moment.", statusCode: StatusCodes.Status429TooManyRequests);

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
        // Null where the protocol has no such limit.
        if (http.HttpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = new(LeastBytesASecond, Grace);
        using var body = new MemoryStream((int)Math.Clamp(http.ContentLength ?? 0, 0, ImportDesk.MaxFileBytes));
        await http.Body.CopyToAsync(body, http.HttpContext.RequestAborted);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
