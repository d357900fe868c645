using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Appliance.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Appliance.Web.Keys;

/// <summary>
/// Who asks: a key in <c>Authorization: Bearer</c>, or somebody on this machine, who needs none unless <see cref="HttpOptions.KeyOnLoopback"/>.
/// A wrong key is refused also where none is needed. What is refused is logged by <see cref="KeyRefusals"/> alone: the base class would write three lines for each request.
/// </summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> scheme, UrlEncoder encoder, ApplianceOptions options, ApiKeys keys, KeyRefusals refusals)
    : AuthenticationHandler<AuthenticationSchemeOptions>(scheme, NullLoggerFactory.Instance, encoder)
{
    public const string SchemeName = "Bearer";

    /// <summary>Claim with the id of the key; <see cref="Local"/> for who needs none.</summary>
    public const string KeyClaim = "key";

    public const string Local = "local";

    private const string Realm = "Bearer realm=\"inspection appliance\"";
    private static readonly string[] PassedOn = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"];

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var wrong = (await HandleAuthenticateOnceSafeAsync()).Failure?.Message;
        var detail = wrong ?? "A key is needed here. Send it as 'Authorization: Bearer KEY'; whoever manages the station makes one with 'appliance keys add'.";
        refusals.Count(Context.Connection.RemoteIpAddress, wrong ?? "there was no key.");
        Response.Headers.WWWAuthenticate = wrong is null ? Realm : Realm + ", error=\"invalid_token\"";
        await Results.Problem(detail, statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(Context);
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var needed = Context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy ?? Roles.Read;
        var (name, role) = (Context.User.Identity?.Name, Context.User.FindFirstValue(ClaimTypes.Role));
        refusals.Count(Context.Connection.RemoteIpAddress, $"key '{name}' has the role {role}, and {needed} is needed.");
        await Results.Problem($"The key '{name}' has the role {role}; this needs {needed}. Whoever manages the station makes keys with 'appliance keys add'.", statusCode: StatusCodes.Status403Forbidden)
            .ExecuteAsync(Context);
    }

    private AuthenticateResult Authenticate()
    {
        if (Request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return keys.Find(header["Bearer ".Length..].Trim()) is { } key
                ? Success(key.Id, key.Added.Name, key.Added.Role)
                : AuthenticateResult.Fail("The key is none of this station, or was revoked. Whoever manages the station makes one with 'appliance keys add'.");
        }

        return IsLocal() && (!options.Http.KeyOnLoopback || IsFirstKey()) ? Success(Local, Local, Roles.Manage) : AuthenticateResult.NoResult();
    }

    // Whoever needs a key to make the first key would never get one.
    private bool IsFirstKey() => !keys.HasManager && Request.Path.StartsWithSegments("/api/v1/keys", StringComparison.Ordinal);

    // What a proxy on this machine passes on comes from elsewhere; so does what a page of another place has a browser here ask for.
    private bool IsLocal()
    {
        if (Context.Connection.RemoteIpAddress is not { } address || !IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)) return false;
        if (PassedOn.Any(Request.Headers.ContainsKey)) return false;
        // A browser names whose page it is that asks, wherever it may change something.
        if (Request.Headers.Origin is { Count: > 0 } page && page != $"{Request.Scheme}://{Request.Host}") return false;
        var host = HeaderUtilities.RemoveQuotes(Request.Host.Host).ToString().Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out _);
    }

    private static AuthenticateResult Success(string id, string name, string role) => AuthenticateResult.Success(new(
        new ClaimsPrincipal(new ClaimsIdentity([new Claim(KeyClaim, id), new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, role)], SchemeName)), SchemeName));
}
