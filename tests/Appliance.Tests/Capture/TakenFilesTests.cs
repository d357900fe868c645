using Appliance.Capture;
using Appliance.Capture.Folders;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;
using OpenCvSharp;
using Testing.Files;

namespace Appliance.Tests.Capture;

public sealed class TakenFilesTests : IAsyncLifetime
{
    private readonly TemporaryDirectory directory = new();
    private readonly TakenLists lists;

    public TakenFilesTests() => lists = new(new() { StateDirectory = directory["state"] }, LinuxFileSystem.Instance, NullLogger<TakenLists>.Instance);

    private string Folder => directory["parts"];

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Folder);
        await lists.StartAsync(Until.Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await lists.StopAsync(Until.Cancellation);
        lists.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void Keep_AnEmptyFolder_ForgetsOnlyWhereTheFilesLayInThisOne()
    {
        var taken = new TakenFiles("c1", 2);
        var path = Path.Combine(Folder, "1.png");
        File.WriteAllText(path, "x");
        taken.Take(path, FileStamp.Of(path), FolderIdentity.Of(Folder));
        // As where its disk is away, and what it was mounted on is seen.
        taken.Keep([], FolderIdentity.Of(directory.Path));
        taken.Keep([], null);
        Assert.False(taken.IsNew(path));
        taken.Keep([], FolderIdentity.Of(Folder));
        Assert.True(taken.IsNew(path));
        Assert.Null(FolderIdentity.Of(Path.Combine(Folder, "none")));
    }

    [Fact]
    public async Task Settle_ManyFilesThatAnotherProgramTakesAwayAtOnce_KeepsTheListSmall()
    {
        var taken = new TakenFiles("c1", 2, lists);
        taken.Begin(Folder);
        var here = FolderIdentity.Of(Folder);
        for (var i = 0; i < 3000; i++)
        {
            var path = Path.Combine(Folder, $"{i}.png");
            taken.Take(path, new(DateTime.UnixEpoch, i), here);
            var written = new TaskCompletionSource();
            taken.Settle(path, new(DateTime.UnixEpoch, i), new Frame(new Mat(), _ => written.SetResult()));
            await written.Task.WaitAsync(Until.Cancellation);
            taken.Keep([], here);
        }

        Assert.InRange(File.ReadLines(directory["state/taken/c1.jsonl"]).Count(), 1, 1010);
    }
}
