using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Appliance.Web.Keys;
using Microsoft.AspNetCore.Http;

namespace Appliance.Web.Idempotency;

/// <summary>
/// A post with an <c>Idempotency-Key</c> is done once: the same request again gets the same answer again, byte for byte. What was refused was not
/// done, and is decided anew. What was begun is ended, also when who asked leaves.
/// </summary>
internal sealed class OnceMiddleware(RequestDelegate next, RecordedAnswers answers)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<OnceMark>() is null || !context.Request.Headers.TryGetValue(OnceMark.Header, out var header))
        {
            await next(context);
            return;
        }

        if (header is not [{ Length: > 0 and <= OnceMark.LongestKey } name] || name.Any(c => c is < ' ' or > '~'))
        {
            await Problems.BadRequest($"{OnceMark.Header} takes one key of 1 to {OnceMark.LongestKey} printable ASCII characters.").ExecuteAsync(context);
            return;
        }

        var key = $"{context.User.FindFirstValue(KeyAuthentication.KeyClaim)}/{name}";
        var (standing, recorded) = answers.Begin(key, await FingerprintAsync(context.Request));
        await (standing switch
        {
            Standing.New => DoAsync(context, key),
            Standing.Done => ReplayAsync(context.Response, recorded!),
            Standing.InFlight => RefuseAsync(context, StatusCodes.Status409Conflict, $"The request with the {OnceMark.Header} '{name}' is being done. Ask again with it."),
            Standing.Full => RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, $"Too many requests with an {OnceMark.Header} are being done. Ask again with it."),
            _ => RefuseAsync(context, StatusCodes.Status422UnprocessableEntity, $"The {OnceMark.Header} '{name}' was used for another request. Take a new one for each request."),
        });
    }

    // The body is read here and given back to whoever reads it next.
    private static async Task<string> FingerprintAsync(HttpRequest request)
    {
        var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        request.Body = body;
        body.Position = 0;
        var content = SHA256.HashData(body.GetBuffer().AsSpan(0, (int)body.Length));
        // A hash of all: it is kept for a day, however long the address is.
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString} {Convert.ToHexString(content)}")));
    }

    private async Task DoAsync(HttpContext context, string key)
    {
        var (response, outside) = (context.Response, context.Response.Body);
        using var inside = new MemoryStream();
        response.Body = inside;
        context.RequestAborted = CancellationToken.None;
        var done = false;
        try
        {
            await next(context);
            done = response.StatusCode is >= 200 and < 300;
            if (done) answers.Keep(key, new(response.StatusCode, response.ContentType, inside.ToArray()));
        }
        finally
        {
            response.Body = outside;
            if (!done) answers.Forget(key);
        }

        inside.Position = 0;
        await inside.CopyToAsync(outside);
    }

    private static Task ReplayAsync(HttpResponse response, RecordedAnswer recorded)
    {
        response.StatusCode = recorded.Status;
        response.ContentType = recorded.ContentType;
        response.Headers[OnceMark.ReplayedHeader] = "true";
        return response.Body.WriteAsync(recorded.Body).AsTask();
    }

    private static Task RefuseAsync(HttpContext context, int status, string detail)
    {
        if (status != StatusCodes.Status422UnprocessableEntity) context.Response.Headers.RetryAfter = "1";
        return Results.Problem(detail, statusCode: status).ExecuteAsync(context);
    }
}
