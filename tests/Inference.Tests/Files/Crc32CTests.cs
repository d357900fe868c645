using Inference.Files;

namespace Inference.Tests.Files;

public sealed class Crc32CTests
{
    // Check values of RFC 3720, appendix B.4, and the usual one of "123456789".
    [Fact]
    public void Of_KnownInputs_GivesKnownValues()
    {
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x46DD794Eu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0u, Crc32C.Of([]));
    }
}
