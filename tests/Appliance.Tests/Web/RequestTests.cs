using System.Net;
using System.Text;

namespace Appliance.Tests.Web;

/// <summary>What HTTP refuses: always a problem with a sentence, never a trace.</summary>
public sealed class RequestTests(WebStation station) : IClassFixture<WebStation>
{
    private static CancellationToken Cancellation => Until.Cancellation;

    [Theory]
    [InlineData("{", "as a whole")]
    [InlineData("", "The body is empty or null")]
    [InlineData("null", "The body is empty or null")]
    [InlineData("[]", "as a whole")]
    [InlineData("\"x\"", "as a whole")]
    [InlineData("""{"label":7,"by":"anna"}""", "at 'label'")]
    [InlineData("""{"label":"ok","by":{"name":"anna"}}""", "at 'by'")]
    [InlineData("""{"lable":"ok","by":"anna"}""", "at 'lable'")]
    [InlineData("""{"by":"anna"}""", "The label is empty")]
    [InlineData("""{"label":"ok"}""", "who labels is empty")]
    [InlineData("""{"label":"a\u0000b","by":"anna"}""", "control or invisible")]
    public async Task Post_ABodyThatIsNotTheOneExpected_IsABadRequestThatSaysWhere(string body, string expected)
    {
        var detail = await WebStation.ProblemAsync(await station.Http.PostAsync("/api/v1/samples/1-1/label", WebStation.Json(body), Cancellation), HttpStatusCode.BadRequest);
        Assert.Contains(expected, detail, StringComparison.Ordinal);
        Assert.NotEqual("", detail);
    }

    [Theory]
    [InlineData("/api/v1/triggers", """{"colour":"red"}""", "at 'colour'")]
    [InlineData("/api/v1/triggers", """{"camera":"c9"}""", "There is no camera 'c9'")]
    [InlineData("/api/v1/triggers", """{"part":""}""", "part has 0 characters")]
    [InlineData("/api/v1/triggers", """{"deadlineMs":0}""", "deadlineMs is 0")]
    [InlineData("/api/v1/triggers", """{"deadlineMs":"800"}""", "at 'deadlineMs'")]
    [InlineData("/api/v1/triggers", """{"recipe":"../../etc"}""", "recipe is '../../etc'")]
    [InlineData("/api/v1/triggers", """{"camera":"c/#"}""", "camera is 'c/#'")]
    [InlineData("/api/v1/triggers", """{"part":"a\u0000b"}""", "control or invisible")]
    [InlineData("/api/v1/line/pause", """{"why":"x"}""", "'by' is empty")]
    [InlineData("/api/v1/line/resume", """{"by":"anna","why":"a\u001bb"}""", "control or invisible")]
    [InlineData("/api/v1/training", "{}", "'by' is empty")]
    [InlineData("/api/v1/training", """{"by":"a\nb"}""", "control or invisible")]
    [InlineData("/api/v1/models/rollback", """{"why":"x"}""", "'by' is empty")]
    [InlineData("/api/v1/models/rollback", """{"by":"anna"}""", "'why' is empty")]
    [InlineData("/api/v1/policy", """{"by":"anna","why":"x","policy":{"schemaVersion":1,"thresholds":{"ok":0.5},"unsureBand":0.1,"unseenLimit":2,"unsaferBand":0.3}}""", "at 'policy.unsaferBand'")]
    [InlineData("/api/v1/policy/proposal", """{"maxEscape":0.01,"confidense":0.9}""", "at 'confidense'")]
    [InlineData("/api/v1/policy/whatif", """{"policy":{"schemaVersion":1,"thresholds":{"ok":0.5},"unsureBand":0.1,"unseenLimit":2},"limit":5000}""", "limit is 5000")]
    [InlineData("/api/v1/models/0000/promote", """{"by":"anna","why":" "}""", "'why' is empty")]
    [InlineData("/api/v1/policy", """{"by":"anna"}""", "'why' is empty")]
    public async Task Post_WhatMakesNoSense_IsABadRequest(string path, string body, string expected) =>
        Assert.Contains(expected, await WebStation.ProblemAsync(await station.Http.PostAsync(path, WebStation.Json(body), Cancellation), HttpStatusCode.BadRequest), StringComparison.Ordinal);

    [Theory]
    [InlineData("/api/v1/training?limit=x", "limit is 'x'; it takes a whole number, once.")]
    [InlineData("/api/v1/samples?limit=1&limit=2", "limit is '1,2'; it takes a whole number, once.")]
    [InlineData("/api/v1/samples?disputed=1", "disputed is '1'; it takes true or false, once.")]
    public async Task Get_AParameterOfAnotherKind_IsABadRequestThatSaysWhatItTakes(string path, string expected) =>
        Assert.Equal(expected, await WebStation.ProblemAsync(await station.Http.GetAsync(path, Cancellation), HttpStatusCode.BadRequest));

    [Fact]
    public async Task Post_ABodyThatIsTooLarge_Is413()
    {
        var body = WebStation.Json($$"""{"label":"{{new string('x', 70_000)}}","by":"anna"}""");
        Assert.Contains("65536", await WebStation.ProblemAsync(await station.Http.PostAsync("/api/v1/samples/1-1/label", body, Cancellation), HttpStatusCode.RequestEntityTooLarge), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_AnotherMediaType_Is415()
    {
        var detail = await WebStation.ProblemAsync(
            await station.Http.PostAsync("/api/v1/training", new StringContent("by=anna", Encoding.UTF8, "application/x-www-form-urlencoded"), Cancellation), HttpStatusCode.UnsupportedMediaType);
        Assert.NotEqual("", detail);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api/v1/samples/1-999999")]
    [InlineData("/api/v1/samples/1-999999/picture")]
    [InlineData("/api/v1/samples/..%2f..%2fetc%2fpasswd/picture")]
    [InlineData("/api/v1/samples/%2e%2e/picture")]
    [InlineData("/api/v1/models/..%2f..%2fbackbones")]
    [InlineData("/api/v1/models/0000")]
    public async Task Get_WhatIsNotThere_Is404(string path) =>
        Assert.NotEqual("", await WebStation.ProblemAsync(await station.Http.GetAsync(path, Cancellation), HttpStatusCode.NotFound));

    [Fact]
    public async Task Post_ALabelForAMissingSample_Is404() => Assert.Contains("There is no sample '1-999999'", await WebStation.ProblemAsync(
        await station.Http.PostAsync("/api/v1/samples/1-999999/label", WebStation.Json("""{"label":"ok","by":"anna"}"""), Cancellation), HttpStatusCode.NotFound), StringComparison.Ordinal);

    [Fact]
    public async Task Delete_AnyPath_Is405() =>
        Assert.Contains("DELETE", await WebStation.ProblemAsync(await station.Http.DeleteAsync("/api/v1/status", Cancellation), HttpStatusCode.MethodNotAllowed), StringComparison.Ordinal);

    [Theory]
    [InlineData("limit=0", "limit is 0")]
    [InlineData("limit=501", "limit is 501")]
    [InlineData("limit=many", "limit")]
    [InlineData("before=yesterday", "before is 'yesterday'")]
    [InlineData("unlabelled=perhaps", "unlabelled")]
    [InlineData("unlabeled=true", "There is no query parameter 'unlabeled' here; there are before, camera")]
    [InlineData("verdict=good", "it takes FAULT, UNSURE, NG, OK")]
    [InlineData("unlabelled=true&camera=c1", "leave out")]
    public async Task Get_SamplesWithAWrongQuery_IsABadRequest(string query, string expected) => Assert.Contains(
        expected, await WebStation.ProblemAsync(await station.Http.GetAsync("/api/v1/samples?" + query, Cancellation), HttpStatusCode.BadRequest), StringComparison.Ordinal);

    [Fact]
    public async Task Rollback_WithoutAModelBefore_Is409() => Assert.Contains("no model before", await WebStation.ProblemAsync(
        await station.Http.PostAsync("/api/v1/models/rollback", WebStation.Json("""{"by":"anna","why":"x"}"""), Cancellation), HttpStatusCode.Conflict), StringComparison.Ordinal);
}
