using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Appliance.Journal;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Web.Keys;

internal static partial class KeySetup
{
    public static IServiceCollection AddKeys(this IServiceCollection services)
    {
        services.AddSingleton<ApiKeys>().AddSingleton<KeyRefusals>();
        // The core alone: what AddAuthentication adds besides writes keys of its own into a home directory.
        services.AddSingleton(UrlEncoder.Default).AddTransient<KeyAuthentication>();
        services.AddAuthenticationCore(authentication =>
        {
            authentication.DefaultScheme = KeyAuthentication.SchemeName;
            authentication.AddScheme<KeyAuthentication>(KeyAuthentication.SchemeName, null);
        });
        return services.AddAuthorization(authorization =>
        {
            foreach (var role in Roles.All) authorization.AddPolicy(role, Needs(role));
            // What names no role, and what is not there, needs a key as well.
            authorization.FallbackPolicy = Needs(Roles.Read);
        });
    }

    /// <summary>A key in the URL stands in the logs and histories of everything on its way: it is refused before anything else looks at it, whoever asks.</summary>
    public static void RefuseKeysInUrls(this IApplicationBuilder app) => app.Use(next => context =>
        Key().IsMatch(Uri.UnescapeDataString(context.Request.Path + context.Request.QueryString.ToString()))
            ? Problems.BadRequest("A key is part of the URL, where it ends in logs. Send it as 'Authorization: Bearer KEY', and have this one revoked.").ExecuteAsync(context)
            : next(context));

    /// <summary>Facts that a request leads to name its key.</summary>
    public static void NameCallers(this IApplicationBuilder app) => app.Use(next => async context =>
    {
        Caller.Key = context.User.FindFirstValue(KeyAuthentication.KeyClaim) is not (null or KeyAuthentication.Local) ? context.User.Identity!.Name : null;
        await next(context);
    });

    [GeneratedRegex(ApiKey.Prefix + "[A-Za-z0-9_-]{43}")]
    private static partial Regex Key();

    private static AuthorizationPolicy Needs(string role) => new AuthorizationPolicyBuilder(KeyAuthentication.SchemeName)
        .RequireAuthenticatedUser().RequireAssertion(asked => asked.User.FindFirstValue(ClaimTypes.Role) is { } has && Roles.Includes(has, role)).Build();
}
