using Inference.Decisions;

namespace Inference.Tests.Packages;

/// <summary>Ids are in journals and file names: these were computed from docs/formats.md by another program, and must never change.</summary>
public sealed class IdentityTests
{
    [Fact]
    public void Identity_OfEmbedding_IsAsDocumented() => Assert.Equal("f4c8aa35ba2ddb46ffaa7e8641eff65f1d9a5818fee5b7145c12fbf65f65366b", TestPackage.Embedding.Identity);

    [Fact]
    public void ModelId_OfManifest_IsAsDocumented() => Assert.Equal("07416b18554531936aecdf13a01347e5039fd27d3d9d8c397d5bbd83bc887484", TestPackage.Manifest().ModelId);

    [Fact]
    public void Id_OfPolicy_IsAsDocumented() => Assert.Equal("693f82465960ed970dfade69029fe594b286444715e480cad209cf01e2cb3b3c", PolicyFile.Id(TestPackage.Policy));
}
