using Appliance.Web.Contract;
using Appliance.Web.Idempotency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web.Keys;

internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/keys", (ApiKeys keys, KeyRefusals refusals) => Results.Json(new KeyPage([.. keys.All.Select(View)], refusals.Total), WebJson.Default.KeyPage))
            .RequireAuthorization(Roles.Manage)
            .Answers<KeyPage>("Every key there is and was, without the keys themselves, and how many requests were refused for their key since the start.");
        routes.MapPost("/api/v1/keys", async (NewKey body, ApiKeys keys) =>
        {
            if (Signature.RefuseBy(body.By) is { } wrong) return Problems.BadRequest(wrong);
            // Its name is part of the path that revokes it, where a slash is not the same again.
            if (body.Name?.Contains('/', StringComparison.Ordinal) == true) return Problems.BadRequest($"'name' is '{body.Name}'; it takes no '/'.");
            var (secret, key, refusal) = await keys.AddAsync(body.Name ?? "", body.Role ?? "", body.By!);
            return key is null ? Problems.BadRequest(refusal!) : Results.Json(new MadeKey(secret!, View(key)), WebJson.Default.MadeKey);
        }).RequireAuthorization(Roles.Manage)
            .Answers<MadeKey>("Makes a key for one machine or terminal. The key is in this answer and nowhere else.", StatusCodes.Status503ServiceUnavailable);
        routes.MapPost("/api/v1/keys/{key}/revoke", async (string key, ChangeBody body, ApiKeys keys) =>
        {
            if (Signature.Refuse(body.By, body.Why) is { } wrong) return Problems.BadRequest(wrong);
            return await keys.RevokeAsync(key, body.By!, body.Why!) is { } revoked
                ? Results.Json(View(revoked), WebJson.Default.KeyView)
                : Problems.NotFound($"There is no good key '{key}'. GET /api/v1/keys lists them.");
        }).RequireAuthorization(Roles.Manage).Once()
            .Answers<KeyView>("Revokes a key, by its name or id, from the next request on.", StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable);
    }

    private static KeyView View(ApiKey key) => new(key.Id, key.Added.Name, key.Added.Role, key.Added.By, key.Added.At, key.Revoked?.At, key.Revoked?.By, key.Revoked?.Why);
}

/// <summary>A key to make.</summary>
/// <param name="Name">Of the machine or terminal that gets it, 1 to 64 characters.</param>
/// <param name="Role">What it is for: <c>read</c>, <c>line</c> (trigger, pause, resume), <c>label</c> (label, ask for training) or <c>manage</c> (everything).</param>
/// <param name="By">Who asks for it.</param>
[System.Text.Json.Serialization.JsonUnmappedMemberHandling(System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow)]
internal sealed record NewKey(string? Name, string? Role, string? By);

/// <summary>A key that was made.</summary>
/// <param name="Key">The key itself, shown this once.</param>
internal sealed record MadeKey(string Key, KeyView Made);

/// <summary>A key, without the key itself.</summary>
/// <param name="RevokedAt">Null while it is good.</param>
internal sealed record KeyView(string Id, string Name, string Role, string By, DateTimeOffset At, DateTimeOffset? RevokedAt, string? RevokedBy, string? Why);

/// <param name="Refused">Requests refused for their key since the start.</param>
internal sealed record KeyPage(IReadOnlyList<KeyView> Keys, long Refused);
