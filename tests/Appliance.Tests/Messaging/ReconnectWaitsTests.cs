using Appliance.Messaging;

namespace Appliance.Tests.Messaging;

public sealed class ReconnectWaitsTests
{
    private readonly ReconnectWaits waits = new();

    [Fact]
    public void Next_TakenOverAgainAndAgain_GrowsToTenMinutes()
    {
        var seconds = Enumerable.Range(0, 8).Select(_ => Next(lived: 1, takenOver: true)).ToList();
        Assert.InRange(seconds[0], 22.5, 37.5);
        Assert.InRange(seconds[2], 90, 150);
        Assert.InRange(seconds[7], 450, 750);
    }

    [Fact]
    public void Next_ShortLivedAgainAndAgain_CountsAsTakenOverUntilOneLives()
    {
        for (var i = 1; i < ReconnectWaits.ShortLivedLimit; i++) Assert.InRange(Next(lived: 1), 0.075, 0.125);
        Assert.InRange(Next(lived: 1), 22.5, 37.5);
        Assert.True(waits.IsTakenOver);
        Assert.InRange(Next(lived: 1), 45, 75);
        Assert.InRange(Next(lived: 60), 0.075, 0.125);
        Assert.False(waits.IsTakenOver);
    }

    [Fact]
    public void Next_NotReached_GrowsToFiveSecondsAndIsShortAfterAConnection()
    {
        for (var i = 0; i < 10; i++) Next(lived: null);
        Assert.InRange(Next(lived: null), 3.75, 6.25);
        Assert.InRange(Next(lived: 60), 0.075, 0.125);
    }

    private double Next(double? lived, bool takenOver = false)
        => waits.Next(new("gone") { IsTakenOver = takenOver }, lived is { } seconds ? TimeSpan.FromSeconds(seconds) : null).TotalSeconds;
}
