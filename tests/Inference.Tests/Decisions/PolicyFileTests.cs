using System.Text;
using Inference.Decisions;
using Inference.Packages;

namespace Inference.Tests.Decisions;

public sealed class PolicyFileTests
{
    private static readonly string[] Classes = ["good", "pit"];

    [Fact]
    public void Serialize_ThenParse_GivesTheSameIdAndValues()
    {
        var policy = Policy(("good", 0.7), ("pit", 1.0 / 3));

        var parsed = PolicyFile.Parse("policy.json", PolicyFile.Serialize(policy));

        Assert.Equal(PolicyFile.Id(policy), PolicyFile.Id(parsed));
        Assert.Equal((policy.UnsureBand, policy.UnseenLimit, 1), (parsed.UnsureBand, parsed.UnseenLimit, parsed.SchemaVersion));
        Assert.Equal(policy.Thresholds.OrderBy(t => t.Key), parsed.Thresholds.OrderBy(t => t.Key));
    }

    [Fact]
    public void Id_OrderAndWhiteSpaceDiffer_IsTheSame()
    {
        var one = Parse("""{"schemaVersion":1,"thresholds":{"good":0.7,"pit":0.5},"unsureBand":0.1,"unseenLimit":3}""");
        var other = Parse("""{ "unseenLimit": 3.0, "comment": "by hand", "unsureBand": 0.10, "thresholds": { "pit": 0.50, "good": 7e-1 }, "schemaVersion": 1 }""");

        Assert.Equal(PolicyFile.Id(one), PolicyFile.Id(other));
        Assert.Matches("^[0-9a-f]{64}$", PolicyFile.Id(one));
    }

    [Fact]
    public void Id_AnythingThatDecidesDiffers_IsAnother()
    {
        var policy = Policy(("good", 0.7), ("pit", 0.5));
        DecisionPolicy[] all =
        [
            policy, policy with { UnsureBand = 0.2 }, policy with { UnseenLimit = 3.0000000001 }, Policy(("good", 0.5), ("pit", 0.7)),
            Policy(("good", 0.7)), Policy(("good", 0.7), ("Pit", 0.5)),
        ];

        Assert.Equal(all.Length, all.Select(PolicyFile.Id).Distinct().Count());
    }

    [Fact]
    public void Validate_GoodPolicy_SaysNothing() => Assert.Empty(PolicyFile.Validate(Policy(("good", 1), ("pit", 0.01)), Classes));

    [Fact]
    public void Validate_EverythingWrong_SaysItAll()
    {
        var policy = Policy(("good", 0), ("dent", double.NaN)) with { SchemaVersion = 2, UnsureBand = 1, UnseenLimit = double.PositiveInfinity };

        string[] errors = [.. PolicyFile.Validate(policy, Classes)];

        string[] said =
        [
            "schemaVersion is 2", "the class 'pit' has no threshold", "the threshold of 'good' is 0; it takes more than 0, up to 1", "a threshold for 'dent'",
            "the threshold of 'dent' is NaN", "unsureBand is 1; it takes 0 up to 1", "unseenLimit is Infinity",
        ];
        Assert.Equal(said.Length, errors.Length);
        Assert.All(said.Zip(errors), pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("""{"schemaVersion":1,"unsureBand":0.1,"unseenLimit":3}""")]
    [InlineData("""{"schemaVersion":1,"thresholds":{"good":0.5},"unsureBand":0.1}""")]
    [InlineData("""{"schemaVersion":1,"thresholds":{"good":0.5},"unseenLimit":3}""")]
    [InlineData("""{"thresholds":{"good":0.5},"unsureBand":0.1,"unseenLimit":3}""")]
    [InlineData("""{"schemaVersion":1,"thresholds":{"good":"0.5"},"unsureBand":0.1,"unseenLimit":3}""")]
    [InlineData("""{"schemaVersion":1,"thresholds":{"good":0.5},"unsureBand":0.1,"unseenLimit":NaN}""")]
    [InlineData("""{"\ud800":1}""")]
    public void Parse_NoPolicy_NamesTheFile(string json)
    {
        var error = Assert.Throws<PackageException>(() => Parse(json));
        Assert.Contains("'a/policy.json'", error.Message, StringComparison.Ordinal);
    }

    private static DecisionPolicy Parse(string json) => PolicyFile.Parse("a/policy.json", Encoding.UTF8.GetBytes(json));

    private static DecisionPolicy Policy(params (string Name, double Threshold)[] thresholds) =>
        new() { Thresholds = thresholds.ToDictionary(t => t.Name, t => t.Threshold), UnsureBand = 0.1, UnseenLimit = 3 };
}
