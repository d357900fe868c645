using Microsoft.AspNetCore.Http;

namespace Appliance.Web;

/// <summary>Errors as problem details (RFC 9457): what happened and what to do, in <c>detail</c>.</summary>
internal static class Problems
{
    public static IResult BadRequest(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest);

    public static IResult NotFound(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status404NotFound);

    public static IResult Conflict(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status409Conflict);
}
