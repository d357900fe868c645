using System.Globalization;
using System.Text.Json;
using Appliance.Journal;
using Appliance.Messaging;
using Appliance.Samples;
using Microsoft.AspNetCore.Http;

namespace Appliance.Web;

/// <summary>Errors as problem details (RFC 9457): what happened and what to do, in <c>detail</c>.</summary>
internal static class Problems
{
    /// <summary>Longest body that is taken.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>Longest request line: an import says the whole history of a sample in its query, 50 labels and who gave them, each 64 characters of 8 bytes.</summary>
    public const int MaxLineBytes = 64 * 1024;

    public static IResult BadRequest(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest);

    public static IResult NotFound(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status404NotFound);

    public static IResult Conflict(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status409Conflict);

    public static IResult Unavailable(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable);

    public static IResult Refused(Refusal refusal) => Results.Problem(refusal.Problem, statusCode: refusal.Reason switch
    {
        RefusalReason.Invalid => StatusCodes.Status400BadRequest,
        RefusalReason.Paused => StatusCodes.Status409Conflict,
        RefusalReason.Overload => StatusCodes.Status429TooManyRequests,
        _ => StatusCodes.Status503ServiceUnavailable,
    });

    public static int StatusOf(Exception e) => e switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        JournalException or IndexUnavailableException => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Gives an answer that says nothing yet its words. No trace leaves the service.</summary>
    public static void Explain(ProblemDetailsContext context)
    {
        var request = context.HttpContext.Request;
        context.ProblemDetails.Detail ??= context.Exception switch
        {
            BadHttpRequestException { InnerException: JsonException json } => Describe(json),
            BadHttpRequestException bad => FailedBinding.Describe(bad.Message),
            JournalException or IndexUnavailableException => context.Exception.Message,
            not null => "The appliance met a fault of its own; its log tells more.",
            null => context.ProblemDetails.Status switch
            {
                StatusCodes.Status404NotFound => $"There is nothing at {request.Path}; docs/contract-http.md lists what there is.",
                StatusCodes.Status405MethodNotAllowed => $"{request.Path} does not take {request.Method}; the Allow header says what it takes.",
                StatusCodes.Status413PayloadTooLarge => $"The body is longer than {MaxBodyBytes} bytes.",
                StatusCodes.Status415UnsupportedMediaType => "The body must be JSON, with Content-Type: application/json.",
                _ => null,
            },
        };
    }

    private static string Describe(JsonException json)
    {
        var place = json.Path is { Length: > 2 } path ? $"at '{path[2..]}'" : "as a whole";
        var line = json.LineNumber is { } n ? string.Create(CultureInfo.InvariantCulture, $", line {n + 1}") : "";
        return $"The body is not the JSON expected, {place}{line}: a member that nobody knows, a value of another type, or no JSON. docs/contract-http.md shows what it takes.";
    }
}
