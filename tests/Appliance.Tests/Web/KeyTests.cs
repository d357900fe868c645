using System.Net;
using System.Net.Http.Headers;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Appliance.Journal;
using Appliance.Tests.Hosting;
using Appliance.Tests.Messaging;
using Appliance.Web.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Tests.Web;

/// <summary>A station that listens to the plant's network: who gets in, and for what.</summary>
public sealed class KeyTests : IAsyncLifetime
{
    private readonly WebStation station = new();
    private readonly HttpClient plant = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>An address of this machine that is no loopback; a request to it comes from it.</summary>
    private static IPAddress? Outer { get; } = NetworkInterface.GetAllNetworkInterfaces().Where(n => n.OperationalStatus == OperationalStatus.Up)
        .SelectMany(n => n.GetIPProperties().UnicastAddresses).Select(a => a.Address).FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Outer is null, "This machine has no address but loopback.");
        station.Bench.Options.Listen = "http://0.0.0.0:0";
        await station.InitializeAsync();
        plant.BaseAddress = new UriBuilder(station.Http.BaseAddress!) { Host = Outer.ToString() }.Uri;
        station.Http.BaseAddress = new UriBuilder(station.Http.BaseAddress!) { Host = "127.0.0.1" }.Uri;
    }

    public async ValueTask DisposeAsync()
    {
        plant.Dispose();
        await station.DisposeAsync();
    }

    [Fact]
    public async Task Request_FromThisMachine_NeedsNoKey() => Assert.Equal("s1", (string)(await station.GetAsync("/api/v1/status"))["station"]!);

    [Theory]
    [InlineData("/api/v1/status")]
    [InlineData("/api/v1/keys")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/metrics")]
    public async Task Request_FromElsewhereWithoutAKey_Is401AndSaysHow(string path)
    {
        var response = await plant.GetAsync(path, Cancellation);
        Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
        Assert.Contains("Authorization: Bearer KEY", await WebStation.ProblemAsync(response, HttpStatusCode.Unauthorized), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs/")]
    [InlineData("/healthz")]
    public async Task ContractAndHealth_FromElsewhere_NeedNoKey(string path) => Assert.Equal(HttpStatusCode.OK, (await plant.GetAsync(path, Cancellation)).StatusCode);

    [Theory]
    [InlineData("read", 200, 403, 403, 403)]
    [InlineData("line", 200, 200, 403, 403)]
    [InlineData("label", 200, 403, 404, 403)]
    [InlineData("manage", 200, 200, 404, 409)]
    public async Task Request_WithAKey_MayWhatItsRoleMay(string role, int read, int trigger, int label, int manage)
    {
        await UseAsync("plc-" + role, role);
        Assert.Equal(read, (int)(await plant.GetAsync("/api/v1/samples", Cancellation)).StatusCode);
        Assert.Equal(trigger, await PostAsync("/api/v1/triggers", "{}"));
        Assert.Equal(label, await PostAsync("/api/v1/samples/9-9/label", """{"label":"ok","by":"anna"}"""));
        Assert.Equal(manage, await PostAsync("/api/v1/models/rollback", """{"by":"anna","why":"escapes"}"""));
    }

    [Fact]
    public async Task Facts_OfARequestWithAKey_NameItBesideThePersonAndOthersNameNone()
    {
        await UseAsync("terminal-3", "manage");
        Assert.Equal(200, await PostAsync("/api/v1/line/pause", """{"by":"anna","why":"tool change"}"""));
        await station.PostAsync("/api/v1/line/resume", """{"by":"anna"}""");
        Assert.Equal(200, await PostAsync($"/api/v1/models/{station.Bench.AddModel()}/promote", """{"by":"bert","why":"first"}"""));
        var facts = station.Services.GetRequiredService<StationJournal>().ReadFacts().ToList();
        Assert.Equal([("anna", "terminal-3"), ("anna", null)], facts.OfType<LineSwitched>().Select(f => (f.By, f.ByKey)));
        Assert.Equal(("bert", "terminal-3"), facts.OfType<ModelPromoted>().Select(f => (f.By, f.ByKey)).Single());
        Assert.All(facts.Where(f => f is EpochStarted or ApiKeyAdded or ConfigurationChanged), f => Assert.Null(f.ByKey));
        Assert.Contains("\"byKey\":\"terminal-3\"", (await ApplianceProgram.RunAsync("journal", "show", "--state", station.State, "--json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WithTooLowARole_IsToldWhichOneIsNeeded()
    {
        await UseAsync("plc", "read");
        var detail = await WebStation.ProblemAsync(await plant.PostAsync("/api/v1/triggers", WebStation.Json("{}"), Cancellation), HttpStatusCode.Forbidden);
        Assert.Contains("'plc' has the role read; this needs line", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoked_Key_IsRefusedFromTheNextRequestOn_AlsoOverARestartAndARestore()
    {
        await UseAsync("plc", "line");
        Assert.Equal(HttpStatusCode.OK, (await plant.GetAsync("/api/v1/status", Cancellation)).StatusCode);
        await station.PostAsync("/api/v1/keys/plc/revoke", """{"by":"anna","why":"the controller was replaced"}""");
        Assert.Equal(HttpStatusCode.Unauthorized, (await plant.GetAsync("/api/v1/status", Cancellation)).StatusCode);
        // The name is free again, and the new key is another one.
        await UseAsync("plc", "line");
        var secret = plant.DefaultRequestHeaders.Authorization!.Parameter!;
        await station.StopAsync();
        await AssertHoldsAsync(station.State, secret);
        var (backup, restored) = (station.Bench.PathOf("backup.tar"), station.Bench.PathOf("restored"));
        Assert.Equal(0, (await ApplianceProgram.RunAsync("backup", "--state", station.State, "--to", backup)).Code);
        Assert.Equal(0, (await ApplianceProgram.RunAsync("restore", "--from", backup, "--state", restored)).Code);
        await AssertHoldsAsync(restored, secret);

        static async Task AssertHoldsAsync(string state, string secret)
        {
            await using var journal = StationJournal.Open(Inference.Files.LinuxFileSystem.Instance, state, "s1", TimeProvider.System, NullLogger.Instance);
            using var keys = new ApiKeys(journal, TimeProvider.System);
            Assert.Equal("plc", keys.Find(secret)!.Added.Name);
            Assert.Equal([false, true], keys.All.Select(k => k.Revoked is null));
        }
    }

    [Theory]
    [InlineData("iak_0000000000000000000000000000000000000000000")]
    [InlineData("rubbish")]
    public async Task WrongKey_AlsoFromThisMachine_Is401(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/status");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        var response = await station.Http.SendAsync(request, Cancellation);
        Assert.Contains("invalid_token", Assert.Single(response.Headers.WwwAuthenticate).Parameter, StringComparison.Ordinal);
        Assert.Contains("none of this station, or was revoked", await WebStation.ProblemAsync(response, HttpStatusCode.Unauthorized), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/status?key={0}")]
    [InlineData("/api/v1/status?access_token=Bearer%20{0}")]
    [InlineData("/api/v1/keys/{0}")]
    [InlineData("/docs/?x={0}")]
    public async Task Key_InTheUrl_IsRefusedAndNotRepeated(string url)
    {
        var secret = await UseAsync("plc", "manage");
        var response = await plant.GetAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, url, secret), Cancellation);
        var detail = await WebStation.ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.Contains("A key is part of the URL", detail, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "10.0.0.7")]
    [InlineData("Host", "elsewhere.example")]
    [InlineData("Origin", "http://elsewhere.example")]
    [InlineData("Origin", "null")]
    public async Task Request_ThatAProxyOrABrowserPassesOn_IsNotTakenForThisMachine(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/status");
        request.Headers.TryAddWithoutValidation(header, value);
        Assert.Equal(HttpStatusCode.Unauthorized, (await station.Http.SendAsync(request, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Keys_InJournalAndList_AreHashesWithWhoMadeThem()
    {
        var secret = await UseAsync("plc", "line");
        var page = await station.GetAsync("/api/v1/keys");
        Assert.Equal(("plc", "line", "anna"), ((string)page["keys"]![0]!["name"]!, (string)page["keys"]![0]!["role"]!, (string)page["keys"]![0]!["by"]!));
        Assert.DoesNotContain(secret, page.ToJsonString(), StringComparison.Ordinal);
        var fact = Assert.Single(station.Services.GetRequiredService<StationJournal>().ReadFacts().OfType<ApiKeyAdded>());
        Assert.Equal(Convert.ToHexStringLower(ApiKey.HashOf(secret)), fact.Sha256);
        await station.StopAsync();
        foreach (var file in Directory.EnumerateFiles(station.State, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain(secret, await File.ReadAllTextAsync(file, System.Text.Encoding.Latin1, Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"plc","role":"line"}""", "'by' is empty")]
    [InlineData("""{"name":"","role":"line","by":"anna"}""", "'name' is empty")]
    [InlineData("""{"name":"hall/plc","role":"line","by":"anna"}""", "'name' is 'hall/plc'; it takes no '/'")]
    [InlineData("""{"name":"plc","role":"admin","by":"anna"}""", "it takes read, line, label, manage")]
    [InlineData("""{"name":"taken","role":"line","by":"anna"}""", "There is a key 'taken'")]
    public async Task Add_WhatMakesNoSense_IsABadRequest(string body, string expected)
    {
        await UseAsync("taken", "read");
        Assert.Contains(expected, await WebStation.ProblemAsync(await station.Http.PostAsync("/api/v1/keys", WebStation.Json(body), Cancellation), HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeyOnLoopback_Set_LetsOnlyTheFirstKeyBeMadeWithout()
    {
        station.Bench.Options.Http.KeyOnLoopback = true;
        Assert.Equal(HttpStatusCode.Unauthorized, (await station.Http.GetAsync("/api/v1/status", Cancellation)).StatusCode);
        var made = await station.PostAsync("/api/v1/keys", """{"name":"manager","role":"manage","by":"anna"}""");
        Assert.Equal(HttpStatusCode.Unauthorized, (await station.Http.GetAsync("/api/v1/keys", Cancellation)).StatusCode);
        station.Http.DefaultRequestHeaders.Authorization = new("Bearer", (string)made["key"]!);
        Assert.Equal("s1", (string)(await station.GetAsync("/api/v1/status"))["station"]!);
    }

    [Fact]
    public async Task Requests_BeyondTheRate_Are429WithWhenToAskAgain()
    {
        station.Bench.Options.Http.RequestsAtOnce = 5;
        station.Bench.Options.Http.RequestsPerSecond = 1;
        await UseAsync("plc", "read");
        HttpResponseMessage response;
        var before = 0;
        while ((response = await plant.GetAsync("/api/v1/keys", Cancellation)).StatusCode != HttpStatusCode.TooManyRequests) Assert.InRange(before++, 0, 1000);
        Assert.True(response.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Contains("Http:RequestsPerSecond", await WebStation.ProblemAsync(response, HttpStatusCode.TooManyRequests), StringComparison.Ordinal);
        // Another one, and this machine, are not kept waiting.
        await UseAsync("other", "read");
        Assert.Equal(HttpStatusCode.OK, (await plant.GetAsync("/api/v1/status", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Commands_WithAKeyFile_GetIn()
    {
        var file = station.Bench.PathOf("plc.key");
        var (none, _, said) = await ApplianceProgram.RunAsync("status", "--url", plant.BaseAddress!.ToString());
        Assert.Equal(1, none);
        Assert.Contains("A key is needed here", said, StringComparison.Ordinal);
        var (made, key, words) = await ApplianceProgram.RunAsync("keys", "add", "terminal", "--role", "read", "--by", "anna", "--url", station.Http.BaseAddress!.ToString());
        Assert.Equal(0, made);
        Assert.Contains("shown nowhere again", words, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, key, Cancellation);
        Assert.Equal(0, (await ApplianceProgram.RunAsync("status", "--url", plant.BaseAddress!.ToString(), "--key-file", file)).Code);
        Assert.Equal(0, (await ApplianceProgram.RunAsync(new Dictionary<string, string> { ["APPLIANCE_KEY_FILE"] = file }, "status", "--url", plant.BaseAddress!.ToString())).Code);
        var (listed, list, _) = await ApplianceProgram.RunAsync("keys", "list", "--url", station.Http.BaseAddress!.ToString());
        Assert.Equal(0, listed);
        Assert.Contains("terminal", list, StringComparison.Ordinal);
        Assert.Equal(0, (await ApplianceProgram.RunAsync("keys", "revoke", "terminal", "--by", "anna", "--why", "a test", "--url", station.Http.BaseAddress!.ToString())).Code);
        Assert.Equal(1, (await ApplianceProgram.RunAsync("status", "--url", plant.BaseAddress!.ToString(), "--key-file", file)).Code);
        var (unread, _, why) = await ApplianceProgram.RunAsync("status", "--url", plant.BaseAddress!.ToString(), "--key-file", file + ".gone");
        Assert.Equal(1, unread);
        Assert.Contains("The key cannot be read", why, StringComparison.Ordinal);
    }

    [Fact]
    public void Refusals_Many_AreALineAMinuteWithTheirCount()
    {
        var (time, log) = (new FakeTimeProvider(), new CollectedLog());
        using var factory = new LoggerFactory([log]);
        var refusals = new KeyRefusals(time, factory.CreateLogger<KeyRefusals>());
        for (var i = 0; i < 100; i++) refusals.Count(IPAddress.Loopback, "a test");
        time.Advance(TimeSpan.FromMinutes(1));
        refusals.Count(IPAddress.Loopback, "a test");
        Assert.Equal(101, refusals.Total);
        Assert.Equal(["1;", "100;"], log.Lines.Select(l => l.Split(": ")[1].Split(' ')[0]));
    }

    [Fact]
    public async Task Refusals_OfARunningStation_AreLoggedByThatLineAlone()
    {
        using var log = new CollectedLog { Least = LogLevel.Information };
        station.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await plant.GetAsync("/api/v1/status", Cancellation)).StatusCode);
        plant.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, (await plant.GetAsync("/api/v1/status", Cancellation)).StatusCode);
        Assert.Single(log.Lines, l => l.Contains("refused for their key", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, l => l.Contains("Bearer", StringComparison.Ordinal));
    }

    private async Task<string> UseAsync(string name, string role)
    {
        var made = await station.PostAsync("/api/v1/keys", new JsonObject { ["name"] = name, ["role"] = role, ["by"] = "anna" }.ToJsonString());
        plant.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)made["key"]!);
        return (string)made["key"]!;
    }

    private async Task<int> PostAsync(string path, string body)
    {
        using var response = await plant.PostAsync(path, WebStation.Json(body), Cancellation);
        return (int)response.StatusCode;
    }
}
