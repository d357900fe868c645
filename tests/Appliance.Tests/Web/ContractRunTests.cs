using System.Net;
using System.Text.Json.Nodes;

namespace Appliance.Tests.Web;

/// <summary>A run over every operation of docs/openapi.json; <see cref="ContractHandler"/> holds each answer against it.</summary>
public sealed class ContractRunTests(WebStation station) : IClassFixture<WebStation>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Operations_All_AnswerProblemsAsDeclared()
    {
        foreach (var (id, method, path, operation) in ContractHandler.Operations.Where(o => o.Path.StartsWith("/api/", StringComparison.Ordinal)))
        {
            var address = path.Replace('{', '_').Replace('}', '_');
            var body = operation["requestBody"] is null ? null : "{";
            using var request = new HttpRequestMessage(new HttpMethod(method), body is null ? address + "?nobody=knows" : address) { Content = body is null ? null : WebStation.Json(body) };
            if (operation["requestBody"]?["content"]?["application/octet-stream"] is not null) request.Content!.Headers.ContentType = new("application/octet-stream");
            using var response = await station.Http.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Contains(station.Contract.Seen, s => s.Operation == id && s.Status == 400);
        }
    }

    [Fact]
    public async Task Operations_Done_AnswerAsDeclared()
    {
        var verdict = await station.PostAsync("/api/v1/triggers", """{"part":"p1"}""");
        var sample = $"{verdict["epoch"]}-{verdict["sequence"]}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!(await station.Http.GetAsync("/api/v1/samples/" + sample, limit.Token)).IsSuccessStatusCode) await Task.Yield();
        await station.PostAsync($"/api/v1/samples/{sample}/label", """{"label":"scratch","by":"anna"}""");
        using (var picture = await station.Http.GetAsync($"/api/v1/samples/{sample}/picture", Cancellation)) Assert.True(picture.IsSuccessStatusCode);
        await station.GetAsync("/api/v1/samples");
        var (first, second) = (station.Bench.AddModel(1), station.Bench.AddModel(2));
        foreach (var model in new[] { first, second }) await station.PostAsync($"/api/v1/models/{model}/promote", """{"by":"anna","why":"a test","packagePolicy":true}""");
        await station.PostAsync("/api/v1/models/rollback", """{"by":"anna","why":"a test"}""");
        await station.GetAsync("/api/v1/models");
        await station.GetAsync("/api/v1/models/" + first);
        var policy = (await station.GetAsync("/api/v1/policy"))["policy"]!.DeepClone();
        policy["unsureBand"] = 0.2;
        var trial = new JsonObject { ["policy"] = policy };
        await station.PostAsync("/api/v1/policy/whatif", trial.ToJsonString());
        (trial["by"], trial["why"]) = ("anna", "a test");
        await station.PostAsync("/api/v1/policy", trial.ToJsonString());
        await station.PostAsync("/api/v1/policy/proposal", """{"maxEscape":0.01}""");
        await station.PostAsync("/api/v1/training", """{"by":"anna"}""");
        await station.GetAsync("/api/v1/training");
        using (var frame = Appliance.Tests.Inspection.Paints.Frame(Appliance.Tests.Inspection.Paint.Red))
        {
            OpenCvSharp.Cv2.ImEncode(".png", frame.Picture, out var png);
            using var content = new ByteArrayContent(png) { Headers = { ContentType = new("application/octet-stream") } };
            using var imported = await station.Http.PostAsync("/api/v1/samples/import?class=ok&by=anna", content, Cancellation);
            Assert.Equal(HttpStatusCode.OK, imported.StatusCode);
        }

        await station.PostAsync("/api/v1/labels/undo", """{"labelledBy":"anna","by":"bert","why":"a test"}""");
        await station.PostAsync("/api/v1/line/pause", """{"by":"anna","why":"a test"}""");
        await station.PostAsync("/api/v1/line/resume", """{"by":"anna"}""");
        await station.GetAsync("/api/v1/status");
        await station.PostAsync("/api/v1/keys", """{"name":"plc","role":"line","by":"anna"}""");
        await station.PostAsync("/api/v1/keys/plc/revoke", """{"by":"anna","why":"a test"}""");
        await station.GetAsync("/api/v1/keys");
        string[] done =
        [
            "postTriggers", "getSamples", "getSamplesBySample", "getSamplesBySamplePicture", "postSamplesBySampleLabel", "postSamplesImport", "getModels", "getModelsByModel", "postModelsByModelPromote", "postModelsRollback", "getPolicy",
            "postPolicy", "postPolicyProposal", "postPolicyWhatif", "getTraining", "postTraining", "postLabelsUndo", "postLinePause", "postLineResume", "getStatus", "getKeys", "postKeys", "postKeysByKeyRevoke",
        ];
        Assert.Empty(done.Except(station.Contract.Seen.Where(s => s.Status is 200 or 202).Select(s => s.Operation)));
    }

    [Fact]
    public void Bodies_OfEveryOperation_RefuseMembersThatNobodyKnows()
    {
        foreach (var (id, _, _, operation) in ContractHandler.Operations)
        {
            if (operation["requestBody"]?["content"]?["application/json"]?["schema"] is { } schema) Closed(id, schema);
        }

        static void Closed(string place, JsonNode? node)
        {
            if (node is JsonArray list)
                foreach (var item in list) Closed(place, item);
            if (node is not JsonObject schema) return;
            if ((string?)schema["$ref"] is { } reference) Closed($"{place} {reference}", ContractHandler.Schema(reference));
            if (schema["properties"] is JsonObject) Assert.True(schema["additionalProperties"] is JsonValue closed && !(bool)closed, $"{place} takes members that nobody knows.");
            foreach (var (_, child) in schema) Closed(place, child);
        }
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing")]
    [InlineData("PUT", "/api/v1/status")]
    [InlineData("PATCH", "/api/v1/samples/1-1/label")]
    [InlineData("DELETE", "/api/v1/models/0000/promote")]
    [InlineData("OPTIONS", "/api/v1/triggers")]
    [InlineData("GET", "/api/v1/samples/1-1%2f..%2f..%2fjournal/picture")]
    [InlineData("GET", "/api/v1/models/%2a")]
    [InlineData("GET", "/api/v1/samples/inspection%2f%23")]
    [InlineData("GET", "/api/v1/samples/%1b%5b31m")]
    [InlineData("GET", "/api/v1/samples?part=%00")]
    [InlineData("GET", "/api/v1/samples?label=%2e%2e%2f%2e%2e")]
    public async Task Requests_ThatMakeNoSense_AreAnsweredAndHarmless(string method, string address)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        using var response = await station.Http.SendAsync(request, Cancellation);
        Assert.True((int)response.StatusCode is 200 or (>= 400 and < 500), $"{(int)response.StatusCode}");
        if (!response.IsSuccessStatusCode) Assert.NotEqual("", await WebStation.ProblemAsync(response, response.StatusCode));
    }

    [Fact]
    public async Task Requests_WithABodyOfTenMegabytes_AreRefusedBeforeItIsRead()
    {
        foreach (var (_, method, path, operation) in ContractHandler.Operations.Where(o => o.Operation["requestBody"]?["content"]?["application/json"] is not null))
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path.Replace('{', '_').Replace('}', '_')) { Content = WebStation.Json(new string(' ', 10_000_000)) };
            request.Headers.ExpectContinue = true;
            Assert.NotEqual("", await WebStation.ProblemAsync(await station.Http.SendAsync(request, Cancellation), HttpStatusCode.RequestEntityTooLarge));
        }
    }

    [Theory]
    [InlineData("/api/v1/status", 40_000, 431)]
    [InlineData("/api/v1/samples/%00/picture", 1, 400)]
    public async Task Requests_ThatTheServerItselfRefuses_AreRefusedAndHarmless(string address, int headerLength, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("X-Large", new string('x', headerLength));
        using var response = await station.Http.SendAsync(request, Cancellation);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("s1", (string)(await station.GetAsync("/api/v1/status"))["station"]!);
    }

    [Theory]
    [InlineData("""{"by":"anna","why":"x","policy":{"schemaVersion":1,"thresholds":{"ok":0.5,"ok":0.6},"unsureBand":0.1,"unseenLimit":2}}""")]
    [InlineData("""{"by":"anna","by":"bert","why":"x"}""")]
    [InlineData("""{"by":"anna","why":"x","policy":{"schemaVersion":1,"thresholds":{"ok":"0.5"},"unsureBand":0.1,"unseenLimit":2}}""")]
    [InlineData("""{"by":"anna","why":"x","policy":{"schemaVersion":1,"thresholds":{"ok":0.5},"unsureBand":0.1,"unseenLimit":2,"objective":{"maxEscape":0.1,"most":1}}}""")]
    public async Task Policy_ThatWasMadeByHandAndIsWrong_IsABadRequest(string body) =>
        Assert.NotEqual("", await WebStation.ProblemAsync(await station.Http.PostAsync("/api/v1/policy", WebStation.Json(body), Cancellation), HttpStatusCode.BadRequest));
}
