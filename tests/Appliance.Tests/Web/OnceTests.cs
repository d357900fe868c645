using System.Net;
using Appliance.Capture;
using Appliance.Journal;
using Appliance.Web.Idempotency;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OpenCvSharp;

namespace Appliance.Tests.Web;

/// <summary>Posts with an idempotency key.</summary>
public sealed class OnceTests(WebStation station) : IClassFixture<WebStation>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Post_AgainWithItsKey_IsNotDoneAgainAndGetsTheSameAnswer()
    {
        var (first, replayed) = await AskAsync(station.Http, "/api/v1/triggers", """{"part":"once"}""", "trigger-1");
        Assert.False(replayed);
        var (again, replayedNow) = await AskAsync(station.Http, "/api/v1/triggers", """{"part":"once"}""", "trigger-1");
        Assert.True(replayedNow);
        Assert.Equal(first, again);
        Assert.Equal("application/json", lastMediaType);
        var (other, _) = await AskAsync(station.Http, "/api/v1/triggers", """{"part":"once"}""", "trigger-2");
        Assert.NotEqual(first, other);
    }

    [Theory]
    [InlineData("/api/v1/line/resume", """{"by":"bert"}""")]
    [InlineData("/api/v1/training", """{"by":"anna"}""")]
    public async Task Post_AnotherRequestWithAKeyThatWasUsed_Is422(string path, string body)
    {
        await AskAsync(station.Http, "/api/v1/line/resume", """{"by":"anna"}""", "used" + path);
        using var response = await SendAsync(station.Http, path, body, "used" + path);
        Assert.Contains("was used for another request", await WebStation.ProblemAsync(response, HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_ThatWasRefused_IsDecidedAnewWithItsKey()
    {
        await station.PostAsync("/api/v1/line/pause", """{"by":"anna","why":"a test"}""");
        await WebStation.ProblemAsync(await SendAsync(station.Http, "/api/v1/triggers", "{}", "refused"), HttpStatusCode.Conflict);
        await station.PostAsync("/api/v1/line/resume", """{"by":"anna"}""");
        Assert.False((await AskAsync(station.Http, "/api/v1/triggers", "{}", "refused")).Replayed);
    }

    [Fact]
    public async Task Post_WithAKeyThatIsNone_IsABadRequest() =>
        Assert.Contains("1 to 128", await WebStation.ProblemAsync(await SendAsync(station.Http, "/api/v1/training", """{"by":"anna"}""", new string('k', 129)), HttpStatusCode.BadRequest), StringComparison.Ordinal);

    [Fact]
    public async Task Post_ABodyThatIsTooLarge_Is413AlsoWithAKey() =>
        await WebStation.ProblemAsync(await SendAsync(station.Http, "/api/v1/training", $$"""{"by":"{{new string('x', 70_000)}}"}""", "large"), HttpStatusCode.RequestEntityTooLarge);

    [Fact]
    public async Task Post_WhoseSenderLeft_IsEndedAndAnsweredToTheNextOneWithItsKey()
    {
        await using var other = new WebStation();
        var folder = Directory.CreateDirectory(other.Bench.PathOf("pictures")).FullName;
        other.Bench.Options.Cameras = [new() { Name = "c1", Source = $"folder:{folder}?watch=true", Mode = CameraMode.Trigger }];
        await other.InitializeAsync();
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        const string Body = """{"id":"waits","deadlineMs":60000}""";
        var waiting = SendAsync(other.Http, "/api/v1/triggers", Body, "waits", leaves.Token);
        var journal = other.Services.GetRequiredService<StationJournal>();
        while (!journal.Triggers.TryFind("waits", out _)) await Task.Yield();
        using var meanwhile = await SendAsync(other.Http, "/api/v1/triggers", Body, "waits");
        Assert.True(meanwhile.Headers.RetryAfter is not null);
        Assert.Contains("is being done", await WebStation.ProblemAsync(meanwhile, HttpStatusCode.Conflict), StringComparison.Ordinal);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        using (var picture = new Mat(6, 8, MatType.CV_8UC3, new Scalar(40, 80, 120))) Cv2.ImWrite(Path.Combine(folder, "p.png"), picture);
        HttpResponseMessage response;
        while ((response = await SendAsync(other.Http, "/api/v1/triggers", Body, "waits")).StatusCode == HttpStatusCode.Conflict) response.Dispose();
        using (response)
        {
            Assert.True(response.Headers.Contains(OnceMark.ReplayedHeader));
            Assert.Contains("\"trigger\":\"waits\"", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Answers_AfterADay_AreForgotten()
    {
        var time = new FakeTimeProvider();
        var answers = new RecordedAnswers(time);
        Keep(answers, "k");
        time.Advance(RecordedAnswers.Life - TimeSpan.FromSeconds(1));
        Assert.Equal(Standing.Done, answers.Begin("k", "r").Standing);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Standing.New, answers.Begin("k", "r").Standing);
    }

    [Fact]
    public void Answers_BeyondTheirNumberOrBytes_LoseTheOldestThatAreDone()
    {
        var answers = new RecordedAnswers(new FakeTimeProvider(), limit: 3, limitBytes: 20);
        Assert.Equal(Standing.New, answers.Begin("in flight", "r").Standing);
        Keep(answers, "a", "b", "c");
        Assert.Equal([Standing.InFlight, Standing.Done, Standing.Done], new[] { "in flight", "b", "c" }.Select(k => answers.Begin(k, "r").Standing));
        answers.Forget("in flight");
        Keep(answers, "d");
        Assert.Equal(Standing.Done, answers.Begin("d", "r").Standing);
        Assert.Equal(Standing.New, answers.Begin("b", "r").Standing);
    }

    [Fact]
    public void Answers_AllInFlight_TakeNoOther()
    {
        var answers = new RecordedAnswers(new FakeTimeProvider(), limit: 2);
        answers.Begin("a", "r");
        answers.Begin("b", "r");
        Assert.Equal(Standing.Full, answers.Begin("c", "r").Standing);
    }

    private string? lastMediaType;

    private static void Keep(RecordedAnswers answers, params string[] keys)
    {
        foreach (var key in keys)
        {
            Assert.Equal(Standing.New, answers.Begin(key, "r").Standing);
            answers.Keep(key, new(200, "application/json", new byte[10]));
        }
    }

    private async Task<(string Body, bool Replayed)> AskAsync(HttpClient http, string path, string body, string key)
    {
        using var response = await SendAsync(http, path, body, key);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, text);
        lastMediaType = response.Content.Headers.ContentType?.MediaType;
        return (text, response.Headers.Contains(OnceMark.ReplayedHeader));
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string path, string body, string key, CancellationToken? cancellation = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = WebStation.Json(body) };
        request.Headers.Add(OnceMark.Header, key);
        return await http.SendAsync(request, cancellation ?? Cancellation);
    }
}
