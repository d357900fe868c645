using Scenarios.Harness;

namespace Scenarios.Deployment;

/// <summary>What can be tried of the scripts and of the Jetson's build without a Jetson.</summary>
public sealed class ScriptTests
{
    private const ushort Aarch64 = 183;
    private static readonly string Jetson = Path.Combine(Repository.Root, "deploy/jetson");

    [Theory]
    [InlineData("package.sh")]
    [InlineData("deploy/jetson/build-natives.sh")]
    [InlineData("deploy/jetson/check.sh")]
    [InlineData("deploy/debian/postinst")]
    [InlineData("deploy/debian/prerm")]
    [InlineData("deploy/debian/postrm")]
    public async Task Script_Shellcheck_HasNothingToSay(string script)
    {
        var (code, said) = await RunningProgram.RunAsync(Repository.Tool("/usr/bin/shellcheck"), "--exclude=SC1091", Path.Combine(Repository.Root, script));

        Assert.True(code == 0, said);
    }

    [Fact]
    public async Task Check_NotAJetson_SaysWhatIsMissing()
    {
        var (code, said) = await RunningProgram.RunAsync(Path.Combine(Jetson, "check.sh"), "/nowhere");

        Assert.Equal(1, code);
        Assert.Contains("MISSING  JetPack", said, StringComparison.Ordinal);
        Assert.Contains("MISSING  /nowhere/trainer/libLibTorchSharp.so: build it", said, StringComparison.Ordinal);
        Assert.EndsWith("missing.", said.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BuildNatives_WrongPart_IsRefusedBeforeAnythingIsFetched()
    {
        var (code, said) = await RunningProgram.RunAsync(Path.Combine(Jetson, "build-natives.sh"), "opencv", "torhc");

        Assert.Equal(1, code);
        Assert.Contains("torhc is none of", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Appliance", "appliance")]
    [InlineData("Trainer", "trainer")]
    public async Task Publish_ForAarch64_HasTheManagedPartsAndNoLibraryOfAnotherProcessor(string project, string program)
    {
        var work = Path.Combine(CleanRoot.Work, "arm64");
        var to = Path.Combine(work, program);
        await CleanRoot.DoneAsync(
            "/usr/bin/env", "dotnet", "publish", Path.Combine(Repository.Root, "src", project), "-c", "Release", "-r", "linux-arm64", "--no-self-contained", "--nologo", "-v", "quiet",
            "--artifacts-path", work, "-o", to, $"-p:BackboneFile={Repository.Root}/out/trainer/backbones/efficientnet_lite0-320.onnx");

        Assert.True(File.Exists(Path.Combine(to, program + ".dll")));
        Assert.Equal(Aarch64, Machine(Path.Combine(to, program)));
        Assert.Equal(Aarch64, Machine(Path.Combine(to, "libonnxruntime.so")));
        Assert.All(Directory.GetFiles(to, "*.so"), f => Assert.Equal(Aarch64, Machine(f)));
        Assert.Equal(program == "trainer", File.Exists(Path.Combine(to, "backbones/efficientnet_lite0-320.onnx")));
    }

    // Of an ELF file.
    private static ushort Machine(string file) => BitConverter.ToUInt16(File.ReadAllBytes(file), 18);
}
