using Appliance.Samples;
using Inference.Files;
using OpenCvSharp;
using Testing.Files;

namespace Appliance.Tests.Samples;

public sealed class PictureStoreTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Store_Frame_KeepsEveryPixel()
    {
        using var frame = new Mat(31, 17, MatType.CV_8UC3);
        Cv2.Randu(frame, Scalar.All(0), Scalar.All(256));
        var store = new PictureStore(LinuxFileSystem.Instance, directory.Path);
        var stored = store.Store(frame);
        using var back = Cv2.ImRead(store.PathOf(stored.Sha256, stored.Extension), ImreadModes.Unchanged);
        Assert.Equal(0, Cv2.Norm(frame, back));
        Assert.True(store.Has(stored));
    }

    [Fact]
    public void Store_SameBytesTwice_IsOneFile()
    {
        var files = new FaultyFileSystem(LinuxFileSystem.Instance);
        var store = new PictureStore(files, directory.Path);
        var first = store.Store("picture"u8, ".JPG");
        var operations = files.Operations;
        Assert.Equal(first, store.Store("picture"u8, ".jpg"));
        Assert.Equal(operations, files.Operations);
        Assert.Equal("picture", File.ReadAllText(store.PathOf(first.Sha256, first.Extension)));
    }

    [Fact]
    public void Store_PowerCutAfterIt_IsStillThere()
    {
        var files = new PowerCutFileSystem(directory.Path);
        var store = new PictureStore(files, directory["pictures"]);
        var stored = store.Store("picture"u8, ".jpg");
        files.CutPower();
        Assert.Equal("picture", File.ReadAllText(store.PathOf(stored.Sha256, stored.Extension)));
    }

    [Fact]
    public void Store_StrangeExtension_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new PictureStore(LinuxFileSystem.Instance, directory.Path).Store("x"u8, "/../x"));
}
