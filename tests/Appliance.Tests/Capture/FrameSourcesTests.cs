using Appliance.Capture;

namespace Appliance.Tests.Capture;

public sealed class FrameSourcesTests
{
    [Theory]
    [InlineData("sim:plates?sed=1", "did you mean 'seed'")]
    [InlineData("sim:plates?seed=x", "'seed' is 'x'")]
    [InlineData("sim:plates?good=1.5", "a number from 0 to 1")]
    [InlineData("sim:bolts", "use 'sim:plates'")]
    [InlineData("foldr:/tmp", "did you mean 'folder:'")]
    [InlineData("folder:/nowhere/at-all", "does not exist")]
    [InlineData("folder:/tmp?watch=true&loop=true", "exclude each other")]
    [InlineData("folder:/tmp?parts=no-such-list.csv", "no-such-list.csv")]
    [InlineData("/tmp", "use 'folder:/tmp'")]
    [InlineData("v4l2:/dev/video99", "does not exist")]
    [InlineData("v4l2:/dev/null?widht=640", "did you mean 'width'")]
    [InlineData("", "empty")]
    public void Validate_WrongUrl_SaysWhatAndWhatToDo(string url, string expected) =>
        Assert.Contains(FrameSources.Validate(url), error => error.Contains(expected, StringComparison.Ordinal));

    [Theory]
    [InlineData("sim:plates")]
    [InlineData("sim:plates?seed=3&parts=20&views=2&good=0.5&colour=true&count=9&start=4")]
    [InlineData("rtsp://user:secret@camera:554/main?token=x")]
    [InlineData("http://127.0.0.1:1/stream")]
    public void Validate_RightUrl_HasNoErrors(string url) => Assert.Empty(FrameSources.Validate(url));

    [Fact]
    public void Validate_CameraOptions_NamesEveryWrongKey()
    {
        var wrong = new CameraOptions { Name = "a/b", RatePerSecond = -1, QueueLength = 0, TriggerQueueLength = 0, OpenTimeout = TimeSpan.Zero, ReadTimeout = TimeSpan.FromHours(1), Latency = TimeSpan.FromMinutes(1), Source = "x:" };
        var errors = wrong.Validate("Cameras:0").ToArray();
        Assert.Equal(8, errors.Length);
        Assert.All(errors, error => Assert.StartsWith("Cameras:0:", error, StringComparison.Ordinal));
        Assert.Empty(new CameraOptions().Validate("Cameras:0"));
    }

    [Fact]
    public void Validate_CameraSlowerThanItsReadTimeout_NamesBothKeys()
    {
        var slow = new CameraOptions { Source = "v4l2:/dev/null?fps=0.1" };
        var error = Assert.Single(slow.Validate("Cameras:0"));
        Assert.Contains("Cameras:0:ReadTimeout is 00:00:02", error, StringComparison.Ordinal);
        Assert.Contains("Cameras:0:Source asks the camera for a picture in 10 s", error, StringComparison.Ordinal);
        Assert.Empty((slow with { ReadTimeout = TimeSpan.FromSeconds(11) }).Validate("Cameras:0"));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/stream", 0.5)]
    [InlineData("v4l2:/dev/null", 0)]
    [InlineData("sim:plates", 0)]
    public void Latency_NotGiven_IsThatOfTheKindOfSource(string source, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new CameraOptions { Source = source }.LatencyOrDefault);

    [Fact]
    public void Open_Simulation_RepeatsPartsAndViews()
    {
        using var source = FrameSources.Open("sim:plates?parts=2&views=2&count=6&start=5", new CameraOptions { Name = "c1" }, TimeProvider.System, cancellation: TestContext.Current.CancellationToken);
        var parts = new List<string?>();
        while (source.Grab(TestContext.Current.CancellationToken) is { } frame)
        {
            parts.Add(frame.Part);
            Assert.Equal("c1", frame.Camera);
            frame.Dispose();
        }

        Assert.Equal(["plate-000005", "plate-000005", "plate-000006", "plate-000006", "plate-000005", "plate-000005"], parts);
    }

    [Theory]
    [InlineData("rtsp://user:secret@camera:554/main?password=secret", "rtsp://camera:554/main")]
    [InlineData("http://user:secret@camera/video", "http://camera/video")]
    [InlineData("http://user:secret@bad host/", "http://(unreadable)")]
    public void Shown_Credentials_AreNotIn(string url, string shown) => Assert.Equal(shown, SourceUrl.Parse(url).Shown);
}
