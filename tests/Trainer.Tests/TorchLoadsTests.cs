using TorchSharp;

namespace Trainer.Tests;

public sealed class TorchLoadsTests
{
    [Fact]
    public void Ones_Sum_IsTheirNumber()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(6f, torch.ones(2, 3).sum().item<float>());
    }
}
