using Appliance.Journal;
using Inference.Files;
using Testing.Files;

namespace Appliance.Tests.Journal;

public sealed class JournalReserveTests : IDisposable
{
    private readonly JournalBench bench = new();
    private readonly FaultyFileSystem files = new(LinuxFileSystem.Instance);

    private string File => Path.Combine(Directory.CreateDirectory(Path.Combine(bench.State, "journal")).FullName, "reserve");

    public void Dispose() => bench.Dispose();

    [Fact]
    public void TryRelease_UntilNothingIsLeft_GivesUpASixteenthAtATime()
    {
        using var reserve = Whole(160);
        for (var left = 150; left >= 0; left -= 10)
        {
            Assert.True(reserve.TryRelease());
            Assert.Equal((left, left), (reserve.LeftBytes, new FileInfo(File).Length));
        }
        Assert.False(reserve.TryRelease());
    }

    [Fact]
    public void TryRestore_WhereRoomRunsOut_KeepsWhatItHas()
    {
        using var reserve = Whole(160);
        reserve.TryRelease();
        files.FailWhen = (operation, _) => operation == FileOperation.Allocate;
        reserve.TryRestore();
        Assert.Equal((150, 150), (reserve.LeftBytes, new FileInfo(File).Length));
        files.FailWhen = null;
        reserve.TryRestore();
        Assert.Equal((160, 160), (reserve.LeftBytes, new FileInfo(File).Length));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(80)]
    [InlineData(320)]
    public void Open_AfterAnotherSizeWasConfigured_TakesThatSize(long size)
    {
        Whole(160).Dispose();
        using var reserve = new JournalReserve(files, bench.State, size);
        reserve.Open();
        reserve.TryRestore();
        Assert.Equal((size, size), (reserve.LeftBytes, new FileInfo(File).Length));
    }

    [Fact]
    public void Open_DiskDoesNotSayWhatIsFree_KeepsWhatItHas()
    {
        using var reserve = Whole(160);
        reserve.TryRelease();
        Directory.Delete(bench.State, recursive: true);
        reserve.TryRestore();
        Assert.Equal(150, reserve.LeftBytes);
        using var gone = new JournalReserve(files, bench.State, 160);
        gone.Open();
        gone.TryRestore();
        Assert.Equal(0, gone.LeftBytes);
        Directory.CreateDirectory(bench.State);
    }

    private JournalReserve Whole(long size)
    {
        Assert.False(System.IO.File.Exists(File));
        var reserve = new JournalReserve(files, bench.State, size);
        reserve.Open();
        reserve.TryRestore();
        Assert.Equal(size, new FileInfo(File).Length);
        return reserve;
    }
}
