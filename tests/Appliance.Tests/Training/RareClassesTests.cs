using Appliance.Models;
using Appliance.Training;
using Inference.Jobs;

namespace Appliance.Tests.Training;

public sealed class RareClassesTests
{
    private static readonly TrainingSample[] Samples =
    [
        new("1-1", "p1", 0, "ok"), new("1-2", "p2", 1, "scratch"), new("1-3", "p3", 2, "scratch"), new("1-4", "p4", 3, "scrtach"), new("1-5", "p4", 4, "scrtach"), new("1-6", "p5", 5, null),
    ];

    [Fact]
    public void LeaveOut_AClassOfOnePart_IsTakenAsUnlabelledAndSaid()
    {
        var (samples, said) = RareClasses.LeaveOut(Samples, "ok", 2);
        Assert.Equal(["ok", "scratch", "scratch", null, null, null], samples.Select(s => s.Label));
        Assert.Equal("not trained, with fewer than 2 labelled parts (Training:LeastParts): 'scrtach' with 1", said);
    }

    [Fact]
    public void LeaveOut_TheGoodSideOfAPartOfARareClass_IsNoGoodPart()
    {
        TrainingSample[] samples = [new("1-1", "p1", 0, "ok"), new("1-2", "p2", 1, "ok"), new("1-3", "p2", 2, "crack"), new("1-4", "p3", 3, "scratch"), new("1-5", "p3", 4, "ok"), new("1-6", "p4", 5, "scratch")];
        var (left, _) = RareClasses.LeaveOut(samples, "ok", 2);
        Assert.Equal(["ok", null, null, "scratch", "ok", "scratch"], left.Select(s => s.Label));
        Assert.Equal([("p1", "ok"), ("p3", "scratch"), ("p4", "scratch")], LabelledPart.Of(left, "ok").Select(p => (p.Part, p.Label)));
    }

    [Fact]
    public void LeaveOut_NoRareClass_ChangesNothing() => Assert.Equal((Samples, null), RareClasses.LeaveOut(Samples, "ok", 1));
}
