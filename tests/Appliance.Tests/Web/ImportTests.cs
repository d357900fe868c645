using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Appliance.Samples;
using Appliance.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OpenCvSharp;
using Testing.Files;

namespace Appliance.Tests.Web;

/// <summary>Import and export over HTTP and by the built program.</summary>
public sealed class ImportTests : IAsyncLifetime
{
    private readonly WebStation station = new();
    private readonly TemporaryDirectory directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => station.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await station.DisposeAsync();
        directory.Dispose();
    }

    [Fact]
    public async Task Import_APicture_IsKeptEmbeddedAndLabelled()
    {
        var view = await ImportAsync(Picture(1), "class=scratch&by=anna&labelledBy=bert&at=2026-03-02T06:00:00Z&part=p1&name=scratch/a.png&newClasses=true");
        Assert.Equal(("kept", "0-1", "scratch"), ((string)view["outcome"]!, (string)view["sample"]!, (string)view["label"]!));
        var sample = await station.GetAsync("/api/v1/samples/0-1");
        Assert.Equal(("import", "p1", "scratch", "bert", "scratch/a.png"), ((string)sample["why"]!, (string)sample["part"]!, (string)sample["label"]!, (string)sample["labelledBy"]!, (string)sample["source"]!));
        Assert.Equal(Picture(1), await station.Http.GetByteArrayAsync((string)sample["picture"]!, Cancellation));
        Assert.Equal("0-1", Assert.Single(Index.TrainingRows(station.Bench.Backbone.Embedding.Identity)).Sample);
        Assert.Equal("anna", Assert.Single(Journal.ReadFacts().OfType<Appliance.Journal.SampleLabelled>()).ImportedBy);
    }

    [Fact]
    public async Task Import_TheSameAgain_IsFoundUnlessItIsAnotherPart()
    {
        const string query = "class=ok&by=anna&part=p1";
        await ImportAsync(Picture(1), query);
        Assert.Equal("found", (string)(await ImportAsync(Picture(1), query))["outcome"]!);
        var other = await ImportAsync(Picture(1), "class=scratch&by=anna&part=p1&newClasses=true");
        Assert.Equal(("differs", "ok"), ((string)other["outcome"]!, (string)other["label"]!));
        Assert.Equal("kept", (string)(await ImportAsync(Picture(1), "class=ok&by=anna&part=p2"))["outcome"]!);
        Assert.Equal(2, Index.Size().Samples);
        Assert.Single(Directory.GetFiles(SampleFiles.Pictures(station.State), "*.png", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Import_TheSamePictureManyTimesAtOnce_IsOneSample()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var response = await SendAsync(Picture(1), "class=ok&by=anna");
            return response.StatusCode;
        }));
        Assert.All(answers, a => Assert.True(a is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, a.ToString()));
        Assert.Equal(1, Index.Size().Samples);
        Assert.Single(Journal.ReadFacts().OfType<Appliance.Journal.SampleKept>());
    }

    [Fact]
    public async Task Import_AgainAfterItWasCutOffBetweenTwoLabels_SaysTheRest()
    {
        const string first = """{"label":"ok","by":"carl","at":"2026-03-01T06:00:00Z"}""", second = """{"label":"scratch","by":"bert","at":"2026-03-02T06:00:00Z"}""";
        await ImportAsync(Picture(1), "by=anna&history=" + Uri.EscapeDataString($"[{first}]"));
        var whole = "by=anna&newClasses=true&history=" + Uri.EscapeDataString($"[{first},{second}]");
        Assert.Equal(("labelled", "scratch"), await OutcomeAsync(whole));
        Assert.Equal(("found", "scratch"), await OutcomeAsync(whole));
        Assert.Equal("ok by carl, scratch by bert", string.Join(", ", Index.ById("0-1")!.History.Select(h => $"{h.Label} by {h.By}")));
        // Somebody here had the last word, and an older history does not take it back.
        await station.PostAsync("/api/v1/samples/0-1/label", """{"label":"ok","by":"anna"}""");
        Assert.Equal(("differs", "ok"), await OutcomeAsync(whole));
        Assert.Equal(3, Index.ById("0-1")!.History.Count);

        async Task<(string, string)> OutcomeAsync(string query)
        {
            var view = await ImportAsync(Picture(1), query);
            return ((string)view["outcome"]!, (string)view["label"]!);
        }
    }

    [Fact]
    public async Task Import_WithTheLongestHistory_IsTakenWhole()
    {
        var at = new DateTimeOffset(2026, 3, 1, 6, 0, 0, TimeSpan.Zero);
        var history = Enumerable.Range(0, ImportRequest.MostLabels).Select(i => new ImportedLabel(new string('\u6f22', LabelDesk.MaxLabelLength), new string('\u5b57', LabelDesk.MaxLabelLength), at.AddTicks(i))).ToList();
        var text = System.Text.Json.JsonSerializer.Serialize(history, Appliance.Web.WebJson.Default.ListImportedLabel);
        Assert.Equal("kept", (string)(await ImportAsync(Picture(1), "by=anna&newClasses=true&history=" + Uri.EscapeDataString(text)))["outcome"]!);
        Assert.Equal(history, Index.ById("0-1")!.History.Select(h => new ImportedLabel(h.Label, h.By, h.At)));
    }

    [Fact]
    public async Task Import_AClassThatOnlyTheHistoryHas_IsNotNewAndIsFoundAgain()
    {
        var query = "by=anna&history=" + Uri.EscapeDataString("""[{"label":"slip","by":"bert","at":"2026-03-01T06:00:00Z"},{"label":"ok","by":"bert","at":"2026-03-01T06:00:09Z"}]""");
        Assert.Equal("kept", (string)(await ImportAsync(Picture(1), query))["outcome"]!);
        Assert.Equal("found", (string)(await ImportAsync(Picture(1), query))["outcome"]!);
        Assert.Equal("ok", Index.ById("0-1")!.Label);
    }

    [Theory]
    [InlineData("class=dent&by=anna", HttpStatusCode.Conflict, "The class 'dent' is new")]
    [InlineData("class=OK&by=anna", HttpStatusCode.BadRequest, "by case only")]
    [InlineData("class=ok", HttpStatusCode.BadRequest, "who imports in 'by' is empty")]
    [InlineData("by=anna", HttpStatusCode.BadRequest, "class is empty")]
    [InlineData("class=ok&by=anna&sample=../x", HttpStatusCode.BadRequest, "sample is '../x'")]
    [InlineData("class=ok&by=anna&part=", HttpStatusCode.BadRequest, "part has 0 characters")]
    [InlineData("class=ok&by=anna&history={", HttpStatusCode.BadRequest, "history is not the JSON expected")]
    [InlineData("class=ok&by=anna&history=[{}]", HttpStatusCode.BadRequest, "history is not the JSON expected")]
    [InlineData("class=ok&by=anna&at=0001-01-01T00:00:00Z", HttpStatusCode.BadRequest, "at is 0001-01-01 00:00:00Z for the label 'ok'; it takes when that was said")]
    [InlineData("class=ok&by=anna&at=2999-01-01T00:00:00Z", HttpStatusCode.BadRequest, "nobody can have said it")]
    [InlineData("class=ok&by=anna&history=[{%22label%22:%22ok%22,%22by%22:%22bert%22}]", HttpStatusCode.BadRequest, "at is 0001-01-01")]
    [InlineData("class=ok&by=anna&at=yesterday", HttpStatusCode.BadRequest, "at")]
    public async Task Import_AWrongQuery_IsRefusedWithItsReason(string query, HttpStatusCode status, string expected)
    {
        Assert.Contains(expected, await WebStation.ProblemAsync(await SendAsync(Picture(1), query), status), StringComparison.Ordinal);
        Assert.Equal(0, Index.Size().Samples);
    }

    [Fact]
    public async Task Import_WhatIsNoPicture_IsRefused()
    {
        foreach (var bytes in new[] { [], "no picture"u8.ToArray(), Picture(1)[..^20], [0xFF, 0xD8, 0xFF, 0] })
            Assert.NotEqual("", await WebStation.ProblemAsync(await SendAsync(bytes, "class=ok&by=anna"), HttpStatusCode.BadRequest));
        Assert.Equal(0, Index.Size().Samples);
        // And the next one is taken.
        await ImportAsync(Picture(1), "class=ok&by=anna");
    }

    [Fact]
    public async Task Import_MoreThanFourAtOnceOrOnAFullDisk_IsRefusedForNow()
    {
        var desk = station.Services.GetRequiredService<ImportDesk>();
        var places = Enumerable.Range(0, ImportDesk.MostAtOnce).Select(_ => desk.TryEnter()!).ToList();
        Assert.Contains("try again", await WebStation.ProblemAsync(await SendAsync(Picture(1), "class=ok&by=anna"), HttpStatusCode.TooManyRequests), StringComparison.Ordinal);
        foreach (var place in places) place.Dispose();
        await ImportAsync(Picture(1), "class=ok&by=anna");
        var (disk, free) = (station.Bench.Options.Disk, station.Bench.Options.Disk.MinFreeBytes);
        disk.MinFreeBytes = long.MaxValue / 4;
        await Until.HoldsAsync(() => desk.WhyStopped is not null);
        Assert.Contains("bytes are free", await WebStation.ProblemAsync(await SendAsync(Picture(2), "class=ok&by=anna"), HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        disk.MinFreeBytes = free;
    }

    [Fact]
    public async Task Import_BesideSendersThatStall_IsTaken()
    {
        var stalled = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 2 * ImportDesk.MostAtOnce; i++)
            {
                var sender = new TcpClient();
                stalled.Add(sender);
                await sender.ConnectAsync(IPAddress.Loopback, station.Http.BaseAddress!.Port, Cancellation);
                await sender.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /api/v1/samples/import?class=ok&by=anna HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: {1 << 20}\r\n\r\n123"), Cancellation);
            }

            await ImportAsync(Picture(1), "class=ok&by=anna");
            // A picture that is none is found out only once it is there: those have not come so far.
            Assert.All(stalled, s => Assert.Equal(0, s.Available));
        }
        finally
        {
            foreach (var sender in stalled) sender.Dispose();
        }
    }

    [Fact]
    public async Task Import_BeyondTheRoomForPictures_IsRefusedForNow()
    {
        var desk = station.Services.GetRequiredService<ImportDesk>();
        using (desk.TryReserve(ImportDesk.MostBytes))
            Assert.Contains("256 MiB are on their way; try again", await WebStation.ProblemAsync(await SendAsync(Picture(1), "class=ok&by=anna"), HttpStatusCode.TooManyRequests), StringComparison.Ordinal);
        await ImportAsync(Picture(1), "class=ok&by=anna");
    }

    [Fact]
    public async Task Import_WithABackboneDamagedSinceTheStart_IsAProblemThatSaysSo()
    {
        var file = station.Bench.Store.BackbonePath(station.Bench.Backbone.Embedding.Backbone);
        var whole = await File.ReadAllBytesAsync(file, Cancellation);
        await File.WriteAllBytesAsync(file, whole[..^200], Cancellation);
        Assert.Contains("the backbone cannot be loaded a second time", await WebStation.ProblemAsync(await SendAsync(Picture(1), "class=ok&by=anna"), HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        await File.WriteAllBytesAsync(file, whole, Cancellation);
        await ImportAsync(Picture(1), "class=ok&by=anna");
    }

    [Fact]
    public async Task Import_ManyPicturesOfAnUnknownClass_SaysSoOnceWithTheirNumber()
    {
        for (var i = 1; i <= 5; i++) Write($"dent/{i}.png", Picture(i));
        var (code, output, error) = await RunAsync("import", directory["in"], "--by", "anna");
        Assert.Equal(1, code);
        Assert.Equal("5 pictures: The class 'dent' is new: no sample has it. Correct it, or allow new classes (--new-classes).", Assert.Single(error.Split('\n'), l => l.Contains("dent", StringComparison.Ordinal)));
        Assert.Contains("5 could not be imported", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImportAndExport_OfAFolder_GoRoundAndNameEachBadFile()
    {
        Write("ok/a.png", Picture(1));
        Write("ok/b.png", Picture(2));
        Write("a%2Fb/c.png", Picture(3));
        Write("ok/broken.png", [1, 2, 3]);
        Write("ok/empty.png", []);
        Write("ok/notes.txt", [1]);
        Write("loose.png", Picture(4));
        Write("ok/d.png", Picture(5));
        File.WriteAllText(directory["outside.png"], "outside");
        File.CreateSymbolicLink(directory["in/ok/link.png"], directory["outside.png"]);
        Directory.CreateSymbolicLink(directory["in/linked"], directory.Path);
        Pipe(directory["in/ok/pipe.png"]);
        File.WriteAllText(directory["in/samples.csv"], """
            file,class,part,by,at,history
            ok/b.png,scratch,"part, 2",bert,2026-03-02T06:00:00Z,"[{""label"":""ok"",""by"":""carl"",""at"":""2026-03-01T06:00:00Z""}]"
            ../outside.png,ok,,,,
            /etc/hostname,ok,,,,
            ok/gone.png,ok,,,,
            ok/d.png,ok,p5
            ok/d.png,ok,p5,,noon,
            linked/outside.png,ok,,,,
            """);

        var (code, output, error) = await RunAsync("import", directory["in"], "--by", "anna");
        Assert.Equal(1, code);
        Assert.Contains("The class 'a/b' is new", error, StringComparison.Ordinal);
        Assert.Contains("1 imported", output, StringComparison.Ordinal);
        (code, output, error) = await RunAsync("import", directory["in"], "--by", "anna", "--new-classes");
        Assert.Equal(1, code);
        Assert.Equal("2 imported, 1 were there, 0 were there and are labelled now, 0 were there with another label, 13 could not be imported", output.Trim());
        foreach (var named in new[]
        {
            "broken.png: The file is no picture", "empty.png is empty", "notes.txt: by its name", "loose.png: it lies in no class folder", "link.png is a symbolic link", "linked: it is a symbolic link", "pipe.png is empty",
            "line 3: '../outside.png' is no file inside", "line 4: '/etc/hostname' is no file inside", "line 5: there is no file", "line 6: it has 3 fields", "line 7: at is 'noon'", "line 8: ",
        }) Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        var b = Index.Latest(9, new(Label: "scratch")).Single();
        Assert.Equal(("part, 2", "ok by carl, scratch by bert"), (b.Kept.Part, string.Join(", ", b.History.Select(h => $"{h.Label} by {h.By}"))));

        (code, output, error) = await RunAsync("export", directory["out"]);
        Assert.True(code == 0, error);
        Assert.Equal(Picture(3), File.ReadAllBytes(Directory.GetFiles(directory["out/a%2Fb"]).Single()));
        (code, _, error) = await RunAsync("export", directory["out"]);
        Assert.Equal(1, code);
        Assert.Contains("is not empty", error, StringComparison.Ordinal);
        (code, output, _) = await RunAsync("import", directory["out"], "--by", "karl");
        Assert.Equal((0, "0 imported, 3 were there, 0 were there and are labelled now, 0 were there with another label, 0 could not be imported"), (code, output.Trim()));

        // Another station takes all of it: parts, labels and who said them when.
        await using var other = new WebStation();
        await other.InitializeAsync();
        (code, output, error) = await ApplianceProgram.RunAsync("import", directory["out"], "--by", "karl", "--new-classes", "--url", other.Http.BaseAddress!.ToString());
        Assert.True(code == 0, error);
        var theirs = other.Services.GetRequiredService<SampleIndex>().Latest(9);
        Assert.Equal(Said(Index.Latest(9)), Said(theirs));
    }

    [Fact]
    public async Task Import_WhoseConnectionEndsUnderAPicture_SendsItAgain()
    {
        Write("ok/a.png", Picture(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        var answered = AnswerTheSecondAsync(listener, limit.Token);
        var (code, output, error) = await ApplianceProgram.RunAsync("import", directory["in"], "--by", "anna", "--url", $"http://{listener.LocalEndpoint}");
        await limit.CancelAsync();
        Assert.True(code == 0, error);
        Assert.StartsWith("1 imported", output, StringComparison.Ordinal);
        Assert.True(await answered);
    }

    // The first connection ends without an answer.
    private static async Task<bool> AnswerTheSecondAsync(TcpListener listener, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var connection = await listener.AcceptTcpClientAsync(cancellation);
            var stream = connection.GetStream();
            await stream.ReadAtLeastAsync(new byte[64], 64, cancellationToken: cancellation);
            if (attempt == 1) continue;
            const string body = """{"outcome":"kept","sample":"0-1","label":"ok"}""";
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}"), cancellation);
            return true;
        }
    }

    private SampleIndex Index => station.Services.GetRequiredService<SampleIndex>();

    private Appliance.Journal.StationJournal Journal => station.Services.GetRequiredService<Appliance.Journal.StationJournal>();

    private static IEnumerable<string> Said(IEnumerable<SampleDocument> samples) =>
        samples.Select(s => $"{s.Kept.Picture} {s.Kept.Part} {string.Join(';', s.History.Select(h => $"{h.Label} by {h.By} at {h.At:O}"))}").Order(StringComparer.Ordinal);

    private Task<ProgramResult> RunAsync(params string[] line) => ApplianceProgram.RunAsync([.. line, "--url", station.Http.BaseAddress!.ToString()]);

    private async Task<JsonNode> ImportAsync(byte[] picture, string query)
    {
        using var response = await SendAsync(picture, query);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private Task<HttpResponseMessage> SendAsync(byte[] picture, string query) => station.Http.PostAsync(
        "/api/v1/samples/import?" + query, new ByteArrayContent(picture) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } }, Cancellation);

    private void Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(directory["in/" + name])!);
        File.WriteAllBytes(directory["in/" + name], bytes);
    }

    private static void Pipe(string path)
    {
        using var process = Process.Start("mkfifo", path);
        process.WaitForExit();
    }

    private static byte[] Picture(int number)
    {
        using var picture = new Mat(6, 8, MatType.CV_8UC3, new Scalar(number * 20, 100, 200 - number));
        Cv2.ImEncode(".png", picture, out var bytes);
        return bytes;
    }
}
