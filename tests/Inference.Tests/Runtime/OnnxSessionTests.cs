using Inference.Runtime;
using Inference.Tests.Fixtures;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Tests.Runtime;

public sealed class OnnxSessionTests
{
    [Fact]
    public void Present_CpuPackage_HasCpuLast() => Assert.Equal("CPU", ExecutionProviders.Present[^1]);

    [Fact]
    public void In_AllAvailable_IsBestFirst()
    {
        string[] available = ["CPUExecutionProvider", "CUDAExecutionProvider", "AzureExecutionProvider", "TensorrtExecutionProvider"];

        Assert.Equal(["TensorRT", "CUDA", "CPU"], ExecutionProviders.In(available).Select(candidate => candidate.Name));
    }

    /// <summary>A package for accelerators on a machine without one; the CPU package answers the same call with an error.</summary>
    [Fact]
    public void Open_AcceleratorCannotBeUsed_FallsToCpuAndSaysWhy()
    {
        string[] available = ["CPUExecutionProvider", "CUDAExecutionProvider"];

        var (session, provider) = OnnxSession.Open(
            "It", RuntimeOptions.Default, made => new InferenceSession(Fixture.Bytes("head"), made), ExecutionProviders.In(available));

        using (session)
        {
            Assert.Equal("CPU", provider.Name);
            Assert.StartsWith("CUDA: ", Assert.Single(provider.PassedOver), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void Open_ThreadsOutOfRange_IsRefused(int threads)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() =>
            OnnxSession.Open("It", new RuntimeOptions { Threads = threads }, made => new InferenceSession(Fixture.Bytes("head"), made)));

        Assert.Contains($"Threads is {threads}; 1 to 64", exception.Message, StringComparison.Ordinal);
    }
}
