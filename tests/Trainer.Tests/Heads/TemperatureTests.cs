using Trainer.Heads;

namespace Trainer.Tests.Heads;

public class TemperatureTests
{
    // Logits say 0.88 at temperature 1; three of four are right, which is what 2 / ln 3 makes of them.
    [Fact]
    public void Fit_OverconfidentLogits_CoolsThemToTheShareThatIsRight() =>
        Assert.Equal(2 / Math.Log(3), Temperature.Fit([[2, 0], [2, 0], [2, 0], [2, 0]], [0, 0, 0, 1]), 1e-3);
}
