using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Appliance.Web.Idempotency;
using Appliance.Web.Keys;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Appliance.Tests.Web;

/// <summary>The HTTP contract, as the running station states it.</summary>
public sealed partial class OpenApiTests(WebStation station) : IClassFixture<WebStation>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Document_OfTheRunningStation_IsTheOneInTheDocuments() =>
        Assert.True(await ServedAsync() == await File.ReadAllTextAsync(Kept(), Cancellation), "docs/openapi.json is not what the code says. 'Appliance.Tests --filter-method *OpenApiTests.Write --explicit only' writes it anew.");

    [Fact(Explicit = true)]
    public async Task Write() => await File.WriteAllTextAsync(Kept(), await ServedAsync(), Cancellation);

    [Fact]
    public void Endpoints_OfTheRunningStation_SayWhatTheyDoAndWhatTheyAnswer()
    {
        var endpoints = station.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => IsOfTheContract(e)).ToList();
        Assert.InRange(endpoints.Count, 15, 1000);
        Assert.All(endpoints, e =>
        {
            Assert.True(e.Metadata.GetMetadata<IEndpointSummaryMetadata>() is { Summary.Length: > 10 } said && said.Summary.EndsWith('.'), $"{e.DisplayName} has no summary; see EndpointContract.");
            var answers = e.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>();
            Assert.True(answers.Any(a => a.StatusCode is 200 or 202 && a.Type is not null), $"{e.DisplayName} has no answer type; see EndpointContract.");
            Assert.True(e.Metadata.GetMetadata<IAuthorizeData>() is { Policy: { } role } && Roles.All.Contains(role), $"{e.DisplayName} names no role; see Roles.");
            Assert.True(answers.Any(a => a.StatusCode >= 400 && a.Type == typeof(Microsoft.AspNetCore.Mvc.ProblemDetails)), $"{e.DisplayName} names no problem; see EndpointContract.");
        });
    }

    [Fact]
    public async Task Bodies_WhatMayBeLeftOut_IsNotRequired()
    {
        var schemas = System.Text.Json.Nodes.JsonNode.Parse(await ServedAsync())!["components"]!["schemas"]!;
        foreach (var (body, required) in new[] { ("UndoBody", "by why"), ("ShadowBody", "by why"), ("PromoteBody", "by why"), ("PolicyTrial", "policy") })
            Assert.Equal(required, string.Join(' ', schemas[body]!["required"]!.AsArray().Select(r => (string)r!)));
    }

    [Fact]
    public void Posts_ThatChangeSomething_AreDoneOnceForAnIdempotencyKey()
    {
        // A key is never kept, so its answer is not; an imported picture is found again; the others change nothing.
        string[] without = ["/api/v1/keys", "/api/v1/policy/proposal", "/api/v1/policy/whatif", "/api/v1/samples/import"];
        var posts = station.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => IsOfTheContract(e) && e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains("POST") && e.Metadata.GetMetadata<OnceMark>() is null);
        Assert.Equal(without.Order(StringComparer.Ordinal), posts.Select(e => e.RoutePattern.RawText!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Queries_ThatNobodyKnows_AreRefusedEverywhere()
    {
        foreach (var path in station.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => IsOfTheContract(e) && e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains("GET")).Select(e => e.RoutePattern.RawText!.Replace('{', '_').Replace('}', '_')))
            Assert.Contains("There is no query parameter 'unlabeled'", await WebStation.ProblemAsync(await station.Http.GetAsync(path + "?unlabeled=true", Cancellation), System.Net.HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_ForPeople_NamesAndMayAskNobodyButTheStation()
    {
        using var page = await station.Http.GetAsync("/docs/", Cancellation);
        var html = await page.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("script", html, StringComparison.Ordinal);
        Assert.Empty(Outside().Matches(html));
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
    }

    private static bool IsOfTheContract(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("api/", StringComparison.Ordinal);

    private async Task<string> ServedAsync() => await station.Http.GetStringAsync("/openapi/v1.json", Cancellation) + "\n";

    private static string Kept([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/openapi.json"));

    [GeneratedRegex("""(src|href|url)\s*[=:]\s*["']?(https?:)?//""")]
    private static partial Regex Outside();
}
