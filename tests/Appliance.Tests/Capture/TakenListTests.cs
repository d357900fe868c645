using Appliance.Capture.Folders;
using Appliance.Tests.Hosting;
using Inference.Files;
using Microsoft.Extensions.Logging;
using Testing.Files;

namespace Appliance.Tests.Capture;

public sealed class TakenListTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly FaultyFileSystem files = new(LinuxFileSystem.Instance);
    private readonly LogEvents<TakenList> log = new();

    private string FilePath => directory["taken/c1.jsonl"];

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Read_AfterAKill_HasEveryLineButATornOne()
    {
        var killed = Open();
        killed.Add("a b/ä\n.png", new(DateTime.UnixEpoch, 7));
        killed.Add("2.png", new(DateTime.UnixEpoch, 8));
        File.AppendAllText(FilePath, "{\"name\":\"3.p");

        var read = Open().Read();

        Assert.Equal([("2.png", 8), ("a b/ä\n.png", 7)], read.Select(e => (e.Key, e.Value.LengthBytes)).Order());
        Assert.Empty(Open("/another").Read());
    }

    [Fact]
    public void Add_AfterATornLine_BeginsALineOfItsOwn()
    {
        Open().Add("1.png", new(DateTime.UnixEpoch, 1));
        File.AppendAllText(FilePath, "{\"name\":\"2.p");
        Open().Add("3.png", new(DateTime.UnixEpoch, 3));
        Assert.Equal(["1.png", "3.png"], Open().Read().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Add_ManyFilesThatGo_KeepsTheListSmall()
    {
        var list = Open();
        for (var i = 0; i < 5000; i++)
        {
            list.Add($"{i}.png", new(DateTime.UnixEpoch, i));
            list.Keep(new HashSet<string>([$"{i}.png"]));
        }

        Assert.InRange(File.ReadLines(FilePath).Count(), 1, 1010);
        Assert.Contains("4999.png", Open().Read().Keys);
    }

    [Fact]
    public void Add_DiskFails_IsSaidOnceAndMadeUpForOnceItIsWell()
    {
        files.FailWhen = (operation, _) => operation == FileOperation.Write;
        files.TornWrites = true;
        var list = Open();
        for (var i = 0; i < 150; i++) list.Add($"{i}.png", new(DateTime.UnixEpoch, i));
        Assert.Single(log.At(LogLevel.Warning));
        files.FailWhen = null;
        for (var i = 150; i < 300; i++) list.Add($"{i}.png", new(DateTime.UnixEpoch, i));
        Assert.Equal(300, Open().Read().Count);
    }

    private TakenList Open(string folder = "/parts") => new(files, FilePath, folder, log);
}
