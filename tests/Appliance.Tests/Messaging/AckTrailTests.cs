using Appliance.Journal;
using Appliance.Messaging;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Tests.Messaging;

public sealed class AckTrailTests
{
    private readonly FakeTimeProvider time = new();
    private readonly AckTrail trail;

    public AckTrailTests()
    {
        trail = new(null, TimeSpan.FromMinutes(2), 1000, time);
        trail.Add(new(1, 1));
        time.Advance(TimeSpan.FromMinutes(1));
        trail.Add(new(1, 2));
    }

    [Fact]
    public void ResendFrom_WhileConnected_GrowsOld()
    {
        time.Advance(TimeSpan.FromMinutes(1.5));
        Assert.Equal(new InspectionId(1, 1), trail.ResendFrom);
    }

    [Fact]
    public void Rewind_BrokerAwayForLongerThanTheSpan_StillSendsWhatWasAcknowledgedJustBefore()
    {
        trail.Stop();
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(default, trail.Position.ResendFrom);
        Assert.Equal(default, trail.Rewind());
        trail.Add(new(1, 1));
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(new InspectionId(1, 1), trail.ResendFrom);
    }
}
