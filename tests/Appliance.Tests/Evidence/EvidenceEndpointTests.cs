using System.Net;
using Appliance.Capture;
using Appliance.Evidence;
using Appliance.Inspection;
using Appliance.Journal;
using Appliance.Models;
using Appliance.Samples;
using Appliance.Tests.Web;
using Inference.Decisions;
using Inference.Evidence;
using Microsoft.Extensions.DependencyInjection;
using OpenCvSharp;
using Testing.Files;

namespace Appliance.Tests.Evidence;

/// <summary>Evidence over HTTP and by the command, of samples that a whole station keeps.</summary>
public sealed class EvidenceEndpointTests : IAsyncLifetime
{
    private readonly WebStation station = new();
    private readonly TemporaryDirectory directory = new();
    private string model = "";

    private static CancellationToken Cancellation => Until.Cancellation;

    public async ValueTask InitializeAsync()
    {
        model = station.Bench.AddLinearModel();
        await station.InitializeAsync();
        Assert.Null(await Get<LiveModel>().PromoteAsync(model, "anna", "first", Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        directory.Dispose();
        await station.DisposeAsync();
    }

    [Fact]
    public async Task Evidence_OfAnNgSample_IsWhatWasKeptAndTheSameWhenItIsComputedAnew()
    {
        var sample = await InspectAsync(new Rect(50, 30, 10, 10));
        var stored = await station.GetAsync($"/api/v1/samples/{sample}/evidence");
        Assert.Equal(("scratch", "ok", model, true), ((string)stored["of"]!, (string)stored["against"]!, (string)stored["model"]!, (bool)stored["stored"]!));
        Assert.Equal((55.0, 35.0), ((double)stored["peak"]!["x"]!, (double)stored["peak"]!["y"]!));
        Assert.Equal((8, 6, 48), ((int)stored["grid"]!["width"]!, (int)stored["grid"]!["height"]!, Convert.FromBase64String((string)stored["grid"]!["values"]!).Length));

        Assert.True(InspectionId.TryParse(sample, out var id));
        Get<EvidenceStore>().Delete(id);
        Get<EvidenceStore>().Delete(id);
        var computed = await station.GetAsync($"/api/v1/samples/{sample}/evidence");

        Assert.False((bool)computed["stored"]!);
        Assert.Equal((string)stored["grid"]!["values"]!, (string)computed["grid"]!["values"]!);
        Assert.Equal((float)stored["score"]!, (float)computed["score"]!, 1e-5f);
    }

    [Fact]
    public async Task EvidencePng_OfAnNgSample_IsThePictureWithColourOnItsSpot()
    {
        var sample = await InspectAsync(new Rect(10, 10, 10, 10));
        using var response = await station.Http.GetAsync($"/api/v1/samples/{sample}/evidence.png", Cancellation);
        Assert.Equal("image/png", response.Content.Headers.ContentType!.MediaType);
        using var drawn = Cv2.ImDecode(await response.Content.ReadAsByteArrayAsync(Cancellation), ImreadModes.Color);
        Assert.Equal(new Size(80, 60), drawn.Size());
        Assert.Equal(new Vec3b(0, 0, 0), drawn.At<Vec3b>(50, 70));
        Assert.NotEqual(new Vec3b(150, 150, 150), drawn.At<Vec3b>(15, 15));

        var file = directory["evidence.png"];
        var (code, output, error) = await Hosting.ApplianceProgram.RunAsync("evidence", sample, "--out", file, "--url", station.Http.BaseAddress!.ToString());
        Assert.True(code == 0, error);
        Assert.Contains($"{sample}: scratch against ok, strongest at 15, 15 px", output, StringComparison.Ordinal);
        Assert.Equal(await response.Content.ReadAsByteArrayAsync(Cancellation), await File.ReadAllBytesAsync(file, Cancellation));
    }

    [Fact]
    public async Task Evidence_WhereThereIsNone_Is404WithTheReason()
    {
        Assert.Contains("no sample '9-9'", await RefusedAsync("9-9"), StringComparison.Ordinal);
        Assert.Contains("only NG and UNSURE", await RefusedAsync(await KeepAsync(Verdict.Fault, model)), StringComparison.Ordinal);
        Assert.Contains("no model", await RefusedAsync(await KeepAsync(Verdict.Unsure, null)), StringComparison.Ordinal);
        Assert.Contains("There is no model " + new string('e', 64), await RefusedAsync(await KeepAsync(Verdict.Ng, new string('e', 64))), StringComparison.Ordinal);
        using (var picture = new ByteArrayContent(Picture()) { Headers = { ContentType = new("application/octet-stream") } })
        using (var imported = await station.Http.PostAsync("/api/v1/samples/import?class=scratch&by=anna&newClasses=true", picture, Cancellation))
            Assert.Equal(HttpStatusCode.OK, imported.StatusCode);
        Assert.Contains("Sample 0-1 was imported", await RefusedAsync("0-1"), StringComparison.Ordinal);
        var other = station.Bench.AddModel();
        Assert.Contains("another form", await RefusedAsync(await KeepAsync(Verdict.Ng, other)), StringComparison.Ordinal);
        Assert.Contains("cannot be computed", await RefusedAsync(await KeepAsync(Verdict.Ng, station.Bench.AddFailingModel(), new Rect(0, 0, 80, 60))), StringComparison.Ordinal);
        var gone = await KeepAsync(Verdict.Ng, model);
        var kept = Get<SampleIndex>().ById(gone)!.Kept;
        File.Delete(Get<PictureStore>().PathOf(kept.Picture, kept.Extension));
        Assert.Contains("cannot be computed", await RefusedAsync(gone), StringComparison.Ordinal);
        var (code, _, error) = await Hosting.ApplianceProgram.RunAsync("evidence", gone, "--url", station.Http.BaseAddress!.ToString());
        Assert.Equal(1, code);
        Assert.Contains("cannot be computed", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evidence_OfManyAtOnce_IsTheSameForAll()
    {
        var sample = await KeepAsync(Verdict.Ng, model, new Rect(20, 20, 10, 10));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => station.GetAsync($"/api/v1/samples/{sample}/evidence")));
        Assert.Equal((25.0, 25.0), ((double)answers[0]["peak"]!["x"]!, (double)answers[0]["peak"]!["y"]!));
        Assert.Single(answers.Select(a => a.ToJsonString()).Distinct());
    }

    private T Get<T>() where T : notnull => station.Services.GetRequiredService<T>();

    private async Task<string> RefusedAsync(string sample)
    {
        var picture = await WebStation.ProblemAsync(await station.Http.GetAsync($"/api/v1/samples/{sample}/evidence.png", Cancellation), HttpStatusCode.NotFound);
        Assert.Equal(picture, await WebStation.ProblemAsync(await station.Http.GetAsync($"/api/v1/samples/{sample}/evidence", Cancellation), HttpStatusCode.NotFound));
        return picture;
    }

    // By the station's own judge, as its inspection thread does; it has nothing to do meanwhile.
    private Task<string> InspectAsync(Rect spot)
    {
        var judge = Get<Judge>();
        var frame = Spotted(spot);
        var judgement = judge.Look(frame);
        Assert.True(judgement.Decision.Verdict == Verdict.Ng, judgement.ToString());
        return OfferAsync(frame, Verdict.Ng, judgement.Model, judge.Explain);
    }

    private static byte[] Picture()
    {
        using var picture = new Mat(6, 8, MatType.CV_8UC3, new Scalar(20, 100, 200));
        Cv2.ImEncode(".png", picture, out var bytes);
        return bytes;
    }

    private Task<string> KeepAsync(Verdict verdict, string? by, Rect? spot = null) => OfferAsync(Spotted(spot ?? new Rect(0, 0, 10, 10)), verdict, by, null);

    private async Task<string> OfferAsync(Frame frame, Verdict verdict, string? by, Func<Frame, EvidenceMap?>? explain)
    {
        var message = new VerdictMessage
        {
            Station = "s1", Camera = "c1", Recipe = "r", GrabbedAt = DateTimeOffset.UnixEpoch, LatencyMs = new(0, 0, 0, 0, 0), Verdict = verdict, Reason = by is null ? Reasons.NoModel : Reasons.Confident, Model = by,
        };
        var id = Get<StationJournal>().Commit(message);
        Get<SampleWriter>().Offer(frame, id, message, default, explain);
        await Until.HoldsAsync(() => Get<SampleIndex>().ById(id.ToString()) is not null);
        return id.ToString();
    }

    private static Frame Spotted(Rect spot)
    {
        var frame = new Frame(new Mat(60, 80, MatType.CV_8UC3, Scalar.All(0)), f => f.Picture.Dispose()) { Camera = "c1" };
        Cv2.Rectangle(frame.Picture, spot, new Scalar(0, 255, 0), -1);
        return frame;
    }
}
