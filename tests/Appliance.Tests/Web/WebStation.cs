using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Appliance.Hosting;
using Appliance.Tests.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Appliance.Tests.Web;

/// <summary>A whole station in this process, over HTTP on a free port: Kestrel, broker, a simulated camera on triggers, a small backbone.</summary>
public sealed class WebStation : IAsyncLifetime
{
    private readonly StationBench bench = new();
    private WebApplication? app;

    private readonly ContractHandler contract = new();

    public WebStation() => Http = new(contract);

    /// <summary>Every answer is held against the contract.</summary>
    public HttpClient Http { get; }

    internal ContractHandler Contract => contract;

    public string State => bench.Options.StateDirectory;

    internal StationBench Bench => bench;

    internal IServiceProvider Services => app!.Services;

    private static CancellationToken Cancellation => Until.Cancellation;

    public async ValueTask InitializeAsync()
    {
        await bench.ReleaseAsync();
        app = StationHost.Build(bench.Options);
        await app.StartAsync(Cancellation);
        Http.BaseAddress = new Uri(app.Urls.First());
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<JsonNode> PostAsync(string path, string json)
    {
        using var response = await Http.PostAsync(path, Json(json), Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>The detail of a refusal, which must be a problem without a trace.</summary>
    public static async Task<string> ProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(Cancellation);
            Assert.Equal(status, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            var problem = JsonNode.Parse(text)!;
            Assert.Equal((int)status, (int)problem["status"]!);
            Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
            return (string?)problem["detail"] ?? "";
        }
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public async Task StopAsync()
    {
        if (app is not { } running) return;
        app = null;
        await running.StopAsync(CancellationToken.None);
        await running.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await StopAsync();

        await bench.DisposeAsync();
    }
}
