using Microsoft.AspNetCore.Builder;

namespace Appliance.Web.Idempotency;

/// <summary>Marks a post that is done once for each <c>Idempotency-Key</c>.</summary>
internal sealed class OnceMark
{
    public const string Header = "Idempotency-Key";

    public const string ReplayedHeader = "Idempotency-Replayed";

    public const int LongestKey = 128;
}

internal static class OnceExtension
{
    /// <summary>Done once for each <c>Idempotency-Key</c>, see <see cref="OnceMiddleware"/>. For bodies up to <see cref="Problems.MaxBodyBytes"/>.</summary>
    public static RouteHandlerBuilder Once(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new OnceMark());
}
