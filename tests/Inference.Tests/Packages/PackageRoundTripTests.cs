using System.Diagnostics;
using Inference.Decisions;
using Inference.Files;
using Inference.Packages;
using Inference.Tests.Fixtures;
using Testing.Files;

namespace Inference.Tests.Packages;

public sealed class PackageRoundTripTests
{
    [Theory]
    [InlineData("model")]
    [InlineData("model/")]
    public void Write_ThenRead_GivesWhatWasWritten(string name)
    {
        using var directory = new TemporaryDirectory();
        TestPackage.Write(directory[name]);

        var package = PackageReader.Read(directory[name]);

        TestPackage.AssertSame(TestPackage.Manifest(), package.Manifest);
        Assert.Equal(Fixture.Bytes("head"), package.Head.ToArray());
        Assert.Equal(PolicyFile.Id(TestPackage.Policy), package.PolicyId);
        Assert.Equal(directory["model"], package.Directory);
        Assert.Equal(directory["model"], Assert.Single(Directory.GetFileSystemEntries(directory.Path)));
        Assert.Equal(["SHA256SUMS", "head.onnx", "manifest.json", "policy.json"], Directory.GetFiles(directory["model"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Write_SumsFile_IsWhatSha256sumReads()
    {
        using var directory = new TemporaryDirectory();
        var start = new ProcessStartInfo("sha256sum", ["-c", "--strict", "SHA256SUMS"]) { WorkingDirectory = TestPackage.Write(directory["model"]) };

        var (code, said, _) = await ProcessEnd.RunAsync(start);

        Assert.Equal("head.onnx: OK\nmanifest.json: OK\npolicy.json: OK\n", said);
        Assert.Equal(0, code);
    }

    [Fact]
    public void Write_SomethingIsThere_LeavesItAlone()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["model"]);

        var error = Assert.Throws<IOException>(() => TestPackage.Write(directory["model"]));

        Assert.Contains("is there already", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(directory["model"]));
    }

    [Fact]
    public void Write_WhatWouldBeRefused_WritesNothing()
    {
        using var directory = new TemporaryDirectory();
        var manifest = TestPackage.Manifest() with { Metrics = new Dictionary<string, double> { ["macroF1"] = double.NaN } };

        var error = Assert.Throws<PackageException>(() => PackageWriter.Write(LinuxFileSystem.Instance, directory["model"], manifest, Fixture.Bytes("head"), TestPackage.Policy));

        Assert.Contains("the metric 'macroF1' is NaN", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void Compute_EachThingThatDecides_ChangesTheId()
    {
        string[] classes = ["a", "b"];
        string[] ids =
        [
            ModelIdentity.Compute("h", "e", classes, "a", 1), ModelIdentity.Compute("h2", "e", classes, "a", 1), ModelIdentity.Compute("h", "e2", classes, "a", 1),
            ModelIdentity.Compute("h", "e", ["b", "a"], "a", 1), ModelIdentity.Compute("h", "e", classes, "b", 1), ModelIdentity.Compute("h", "e", classes, "a", 1.5),
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(ids[0], ModelIdentity.Compute("h", "e", ["a", "b"], "a", 1));
    }
}
