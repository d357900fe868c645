using Appliance.Hosting;

namespace Appliance.Tests.Hosting;

public sealed class NearestNameTests
{
    private static readonly string[] Known = ["Station", "StateDirectory", "Mqtt", "Cameras"];

    [Theory]
    [InlineData("Sation", "Station")]
    [InlineData("STATEDIR", null)]
    [InlineData("statedirectry", "StateDirectory")]
    [InlineData("mqqt", "Mqtt")]
    [InlineData("", null)]
    [InlineData("Camera", "Cameras")]
    [InlineData("Broker", null)]
    public void Of_AName_IsTheNearOneOrNone(string given, string? expected) => Assert.Equal(expected, NearestName.Of(given, Known));

    [Fact]
    public void Of_NothingKnown_IsNone() => Assert.Null(NearestName.Of("x", []));
}
