using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Appliance.Hosting;
using Appliance.Web.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Web.Limits;

/// <summary>How often one key, or one address without a key, may ask. Who needs no key is not limited.</summary>
internal static class RequestRate
{
    public static IServiceCollection AddRequestRate(this IServiceCollection services, ApplianceOptions options) => services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => Partition(context, options.Http));
        limiter.OnRejected = (rejected, _) => RefuseAsync(rejected, options.Http);
    });

    private static RateLimitPartition<string> Partition(HttpContext context, HttpOptions options) => context.User.FindFirstValue(KeyAuthentication.KeyClaim) switch
    {
        KeyAuthentication.Local => RateLimitPartition.GetNoLimiter(KeyAuthentication.Local),
        { } key => Bucket("key " + key, options),
        null => Bucket("address " + Network(context.Connection.RemoteIpAddress), options),
    };

    private static RateLimitPartition<string> Bucket(string name, HttpOptions options) => RateLimitPartition.GetTokenBucketLimiter(name, _ => new()
    {
        TokenLimit = options.RequestsAtOnce,
        TokensPerPeriod = options.RequestsPerSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    });

    // Whoever has one address of IPv6 has 2^64 of them.
    private static string Network(IPAddress? address) =>
        address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address?.ToString() ?? "";

    private static async ValueTask RefuseAsync(OnRejectedContext rejected, HttpOptions options)
    {
        var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var said) ? Math.Max(1, (int)Math.Ceiling(said.TotalSeconds)) : 1;
        rejected.HttpContext.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        await Results.Problem(
            $"Too many requests: {options.RequestsPerSecond} a second are taken (Http:RequestsPerSecond), {options.RequestsAtOnce} at once. Ask again in {wait} s.",
            statusCode: StatusCodes.Status429TooManyRequests).ExecuteAsync(rejected.HttpContext);
    }
}
