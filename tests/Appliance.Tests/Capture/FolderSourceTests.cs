using System.Diagnostics;
using Appliance.Capture;
using Appliance.Capture.Folders;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCvSharp;
using Testing.Files;

namespace Appliance.Tests.Capture;

public sealed class FolderSourceTests : IDisposable
{
    private static CancellationToken Cancel => Until.Cancellation;
    private readonly TemporaryDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Grab_ClassFolders_OrdinalThenEnds()
    {
        Put("b/1.png", 1);
        Put("a/2.png", 2);
        Put("a/10.png", 3);
        File.WriteAllText(folder["README.md"], "not a picture");
        using var source = Open("");
        Assert.Equal(["a/10.png", "a/2.png", "b/1.png"], Names(source, 3));
        Assert.Null(source.Grab(Cancel));
        Assert.Null(source.Grab(Cancel));
    }

    [Fact]
    public void Grab_Loop_ComesRoundAgain()
    {
        Put("1.png", 1);
        Put("2.png", 2);
        using var source = Open("?loop=true");
        Assert.Equal(["1.png", "2.png", "1.png", "2.png", "1.png"], Names(source, 5));
    }

    [Fact]
    public void Grab_Shuffle_SameSeedSameOrderOtherSeedOther()
    {
        for (var i = 0; i < 20; i++) Put($"{i:00}.png", i);
        using FrameSourceOf first = new(Open("?shuffle=4")), again = new(Open("?shuffle=4")), other = new(Open("?shuffle=5"));
        var order = Names(first.Source, 20);
        Assert.Equal(order, Names(again.Source, 20));
        Assert.NotEqual(order, Names(other.Source, 20));
        Assert.NotEqual(order.Order(StringComparer.Ordinal), order);
    }

    [Fact]
    public void Grab_PartsList_NamesPartAndKeepsOriginalBytes()
    {
        var path = Put("good/1.png", 1);
        Put("good/2.png", 2);
        File.WriteAllText(folder["parts.csv"], "file,class,part\ngood/1.png,good,P-17\n");
        using var source = Open("?parts=parts.csv");
        using var listed = source.Grab(Cancel)!;
        using var unlisted = source.Grab(Cancel)!;
        Assert.Equal(("P-17", "good/2"), (listed.Part, unlisted.Part));
        Assert.Equal(File.ReadAllBytes(path), listed.OriginalBytes);
        Assert.Equal(".png", listed.OriginalExtension);
        Assert.Null(listed.Defect);
    }

    [Theory]
    [InlineData("file,class\na.png,good\n", "'part'")]
    [InlineData("file,part\na.png\n", "line 2")]
    [InlineData("file,part\na.png,1\na.png,2\n", "line 3")]
    public void Open_BrokenPartsList_SaysWhere(string content, string expected)
    {
        Put("a.png", 1);
        File.WriteAllText(folder["parts.csv"], content);
        Assert.Contains(expected, Assert.Throws<SourceException>(() => Open("?parts=parts.csv")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Grab_BrokenPictures_AreDefectsAndTheSourceGoesOn()
    {
        var whole = File.ReadAllBytes(Put("9-whole.png", 1));
        File.WriteAllBytes(folder["1-empty.png"], []);
        File.WriteAllBytes(folder["2-truncated.png"], whole[..(whole.Length / 2)]);
        File.WriteAllText(folder["3-text.jpg"], "this is no picture");
        var bomb = (byte[])whole.Clone();
        (bomb[16], bomb[17], bomb[20], bomb[21]) = (0x7F, 0xFF, 0x7F, 0xFF);
        File.WriteAllBytes(folder["4-bomb.png"], bomb);
        using var source = Open("");
        for (var i = 1; i <= 4; i++)
        {
            using var broken = source.Grab(Cancel)!;
            Assert.NotNull(broken.Defect);
            Assert.StartsWith($"{i}-", broken.Defect, StringComparison.Ordinal);
        }

        using var good = source.Grab(Cancel)!;
        Assert.Null(good.Defect);
    }

    [Fact]
    public void Open_NoPictures_Refused() => Assert.Contains("holds no pictures", Assert.Throws<SourceException>(() => Open("")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Grab_Watch_GivesRenamedAndClosedFilesAndWaitsForOpenOnes()
    {
        var content = File.ReadAllBytes(Put("0.png", 1));
        using var source = Open("?watch=true");
        Assert.Equal(["0.png"], Names(source, 1));

        var writer = new FileStream(folder["1-slow.png"], FileMode.CreateNew);
        await writer.WriteAsync(content.AsMemory(0, content.Length / 2), Cancel);
        await writer.FlushAsync(Cancel);

        // A second picture, renamed in while the first is still open, must come first.
        await File.WriteAllBytesAsync(folder[".tmp"], content, Cancel);
        File.Move(folder[".tmp"], folder["2-renamed.png"]);
        Assert.Equal(["2-renamed.png"], Names(source, 1));

        var next = Task.Run(() => Names(source, 1), Cancel);
        await writer.WriteAsync(content.AsMemory(content.Length / 2), Cancel);
        await writer.DisposeAsync();
        Assert.Equal(["1-slow.png"], await next);

        Put("sub/new/3.png", 3);
        Assert.Equal(["sub/new/3.png"], await Task.Run(() => Names(source, 1), Cancel));
    }

    [Fact]
    public async Task FreeRun_MoreFilesArriveThanMayWait_EachIsInspectedOnce()
    {
        for (var i = 0; i < 20; i++) Put($"{i:00}.png", i);
        var options = new CameraOptions { Name = "c1", Source = $"folder:{folder.Path}?watch=true", QueueLength = 2 };
        using var queue = new InspectionQueue([options], TimeProvider.System);
        await using var worker = new CameraWorker(options, queue, TimeProvider.System, NullLogger.Instance);
        worker.Start();
        Assert.True(SpinWait.SpinUntil(() => queue.Count == 2, TimeSpan.FromMinutes(1)));
        var parts = new List<string?>();
        while (parts.Count < 20)
        {
            using var frame = Assert.IsType<CapturedFrame>(queue.Take(Cancel)).Frame;
            parts.Add(frame.Part);
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i:00}"), parts);
        Assert.Equal((20, 0), (worker.State.Grabbed, worker.State.Dropped));
    }

    [Fact]
    public async Task FreeRun_ReadingAFileHangs_IsFaultAndTheFileIsNotPassedOver()
    {
        // A named pipe hangs as a network folder does whose server is gone. An old one does not count as being written.
        var pipe = folder["0.png"];
        using (var make = Process.Start("mkfifo", pipe)) await make.EndsAsync();
        File.SetLastWriteTimeUtc(pipe, DateTime.UnixEpoch);
        var options = new CameraOptions { Name = "c1", Source = $"folder:{folder.Path}?watch=true", OpenTimeout = TimeSpan.FromSeconds(0.1), QueueLength = 1, RestartLimit = 1000 };
        using var queue = new InspectionQueue([options], TimeProvider.System);
        await using var worker = new CameraWorker(options, queue, TimeProvider.System, NullLogger.Instance);
        worker.Start();
        Assert.Contains("has not come back", Assert.IsType<CapturedFault>(queue.Take(Cancel)).Detail, StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => worker.State.Hanging >= 2, TimeSpan.FromMinutes(1)));
        var whole = Put("other/whole.png", 2);
        await using (new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite)) File.Move(whole, pipe, overwrite: true);
        var frame = queue.Take(Cancel) as CapturedFrame;
        while (frame is null) frame = queue.Take(Cancel) as CapturedFrame;
        Assert.Equal(("0.png", null), (frame.Frame.SourceName, frame.Frame.Defect));
        frame.Frame.Dispose();
        Assert.True(SpinWait.SpinUntil(() => worker.State.Hanging == 0, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void Grab_WatchOpenedAgain_GivesOnlyWhatIsNew()
    {
        Put("1.png", 1);
        var open = FrameSources.Opener(new CameraOptions { Source = $"folder:{folder.Path}?watch=true" }, TimeProvider.System);
        using (var first = open(Cancel))
        {
            Assert.Equal(["1.png"], Names(first, 1));
            Assert.False(first.IsReady());
        }

        Put("2.png", 2);
        using var second = open(Cancel);
        Assert.Equal(["2.png"], Names(second, 1));
    }

    [Fact]
    public async Task Grab_WatchAfterARestart_GivesWhatHasNoVerdictAndWhatIsNew()
    {
        foreach (var (name, value) in ((string, int)[])[("1.png", 1), ("2.png", 2), ("3.png", 3)]) Put(name, value);
        await using (var process = new Lists(folder[".lists"]))
        {
            using var first = process.Open(Watched);
            for (var i = 0; i < 3; i++)
            {
                while (!first.IsReady()) first.AwaitNews(Cancel);
                using var frame = first.Grab(Cancel)!;
                if (frame.SourceName != "2.png") frame.Settle();
            }
        }

        File.SetLastWriteTimeUtc(Put("3.png", 30), DateTime.UnixEpoch);
        Put("4.png", 4);
        await using (var process = new Lists(folder[".lists"]))
        {
            using var second = process.Open(Watched);
            Assert.Equal(["2.png", "3.png", "4.png"], Names(second, 3));
            Assert.False(second.IsReady());
        }

        await using var another = new Lists(folder[".none"]);
        using var elsewhere = another.Open(Watched);
        Assert.Equal(["1.png", "2.png", "3.png", "4.png"], Names(elsewhere, 4));
    }

    [Fact]
    public async Task Settle_TheDiskOfTheListHangs_HoldsUpNobodyAndKeepsThePlaceUntilItIsWritten()
    {
        using var hanging = new ManualResetEventSlim();
        var files = new FaultyFileSystem(LinuxFileSystem.Instance) { FailWhen = (_, path) => path.Contains("taken", StringComparison.Ordinal) && !hanging.Wait(TimeSpan.FromMinutes(1), Cancel) };
        Put("1.png", 1);
        Put("2.png", 2);
        await using var process = new Lists(folder[".lists"], files);
        using var source = process.Open(Watched with { QueueLength = 1 });
        Assert.True(source.IsReady());
        var frame = source.Grab(Cancel)!;
        frame.Settle();
        frame.Dispose();
        Assert.False(source.IsReady());
        hanging.Set();
        await Until.HoldsAsync(source.IsReady);
        Assert.Contains("1.png", await File.ReadAllTextAsync(folder[".lists/taken/c1.jsonl"], Cancel), StringComparison.Ordinal);
    }

    private CameraOptions Watched => new() { Name = "c1", Source = $"folder:{folder.Path}?watch=true", QueueLength = 8 };

    [Fact]
    public void Grab_WatchCancelled_Throws()
    {
        using var source = Open("?watch=true");
        Assert.False(source.IsReady());
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.ThrowsAny<OperationCanceledException>(() => AwaitForEver(source, cancel.Token));
    }

    private static void AwaitForEver(IFrameSource source, CancellationToken cancellation)
    {
        for (var looks = 0; looks < int.MaxValue; looks++) source.AwaitNews(cancellation);
    }

    private static string[] Names(IFrameSource source, int count)
    {
        var names = new string[count];
        for (var i = 0; i < count; i++)
        {
            while (!source.IsReady()) source.AwaitNews(Cancel);
            using var frame = source.Grab(Cancel)!;
            Assert.Null(frame.Defect);
            names[i] = frame.SourceName!;
        }

        return names;
    }

    private IFrameSource Open(string query) => FrameSources.Open("folder:" + folder.Path + query, new CameraOptions(), TimeProvider.System, cancellation: Cancel);

    private string Put(string name, int value)
    {
        var path = folder[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var picture = new Mat(40, 50, MatType.CV_8UC3, new Scalar(value, 200, 30));
        Cv2.Randn(picture, new Scalar(value, 100, 30), new Scalar(40, 40, 40));
        Cv2.ImWrite(path, picture);
        return path;
    }

    /// <summary>What a process has of the lists in a state directory; stopped in order.</summary>
    private sealed class Lists : IAsyncDisposable
    {
        private readonly TakenLists lists;

        public Lists(string state, IFileSystem? files = null)
        {
            lists = new(new() { StateDirectory = state }, files ?? LinuxFileSystem.Instance, NullLogger<TakenLists>.Instance);
            _ = lists.StartAsync(Cancel);
        }

        public IFrameSource Open(CameraOptions options) => FrameSources.Opener(options, TimeProvider.System, lists)(Cancel);

        public async ValueTask DisposeAsync()
        {
            await lists.StopAsync(Cancel);
            lists.Dispose();
        }
    }

    private sealed class FrameSourceOf(IFrameSource source) : IDisposable
    {
        public IFrameSource Source => source;

        public void Dispose() => source.Dispose();
    }
}
