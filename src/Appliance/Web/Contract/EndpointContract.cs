using Appliance.Web.Idempotency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Appliance.Web.Contract;

/// <summary>What an endpoint says of itself: it stands in <c>/openapi/v1.json</c>, and a test refuses an endpoint without it.</summary>
internal static class EndpointContract
{
    /// <summary>What every endpoint may answer: a wrong query, no key or one for something else, too many requests, a fault of the appliance's own.</summary>
    private static readonly int[] Everywhere =
    [
        StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status429TooManyRequests, StatusCodes.Status500InternalServerError,
    ];

    /// <summary>What a post that is done once may answer besides, see <see cref="OnceMiddleware"/>.</summary>
    private static readonly int[] WhereOnce = [StatusCodes.Status409Conflict, StatusCodes.Status422UnprocessableEntity, StatusCodes.Status503ServiceUnavailable];

    /// <summary>What every endpoint with a body may answer besides: too long, of another media type.</summary>
    private static readonly int[] WithBody = [StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType];

    /// <summary>Answers 200 with JSON of this type.</summary>
    /// <param name="summary">What it does, in a sentence that an integrator understands.</param>
    /// <param name="problems">Status codes of the problems that this endpoint has besides those that all have.</param>
    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder endpoint, string summary, params int[] problems) =>
        endpoint.Produces<T>(StatusCodes.Status200OK, "application/json").Declare(summary, problems);

    /// <summary>Answers 202 with JSON of this type: it is asked for, and done later.</summary>
    public static RouteHandlerBuilder AnswersLater<T>(this RouteHandlerBuilder endpoint, string summary, params int[] problems) =>
        endpoint.Produces<T>(StatusCodes.Status202Accepted, "application/json").Declare(summary, problems);

    /// <summary>Answers 200 with bytes of one of these media types.</summary>
    public static RouteHandlerBuilder AnswersFile(this RouteHandlerBuilder endpoint, string summary, string[] mediaTypes, params int[] problems) =>
        endpoint.Produces<byte[]>(StatusCodes.Status200OK, mediaTypes[0], mediaTypes[1..]).Declare(summary, problems);

    private static RouteHandlerBuilder Declare(this RouteHandlerBuilder endpoint, string summary, int[] problems)
    {
        endpoint.WithSummary(summary);
        endpoint.Finally(built =>
        {
            var hasBody = built.Metadata.OfType<IAcceptsMetadata>().Any();
            var isOnce = built.Metadata.OfType<OnceMark>().Any();
            foreach (var status in problems.Concat(Everywhere).Concat(hasBody ? WithBody : []).Concat(isOnce ? WhereOnce : []).Distinct().Order())
                built.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(Microsoft.AspNetCore.Mvc.ProblemDetails), ["application/problem+json"]));
        });
        return endpoint;
    }
}
