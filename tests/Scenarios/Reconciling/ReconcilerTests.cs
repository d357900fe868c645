using System.Text.Json.Nodes;
using Oracle;

namespace Scenarios.Reconciling;

/// <summary>The oracle itself: nothing to say of a true account, and each difference said.</summary>
public sealed class ReconcilerTests
{
    [Fact]
    public void Run_ATrueAccount_HasNoDifferences()
    {
        var account = Reconcile(new Case());
        Assert.Empty(account.Differences);
        Assert.Equal((3, 3, 1, 1, 1), (account.Verdicts, account.Heard, account.Asked, account.Answered, account.Acknowledged));
    }

    [Theory]
    [InlineData("never heard", "verdict 1-2: in the journal and never heard")]
    [InlineData("two contents", "verdict 1-2: heard as")]
    [InlineData("order", "verdict 1-2: first heard after 1-3")]
    [InlineData("unrecorded", "verdict 1-4: heard, and neither in the journal nor named as lost")]
    [InlineData("unannounced", "verdict 1-1: heard before its epoch was announced")]
    [InlineData("gap", "verdict 1-3: follows 1-1 in the journal")]
    [InlineData("identity twice", "verdict 1-2: follows 1-2 in the journal")]
    [InlineData("two verdicts", "trigger t1: has the verdicts 1-1 and 1-2")]
    [InlineData("unanswered", "trigger t2: was accepted and has no verdict")]
    [InlineData("never accepted", "verdict 1-1: answers trigger t1, which was never accepted")]
    [InlineData("told otherwise", "trigger t1: verdict is \"NG\" in what the line was told")]
    [InlineData("told of nothing", "trigger t9: the line was told")]
    [InlineData("silent", "trigger t8: asked, and neither judged nor refused")]
    [InlineData("refused and judged", "trigger t1: refused each time, and judged as 1-1")]
    [InlineData("label lost", "fact {\"fact\":\"label\",\"sample\":\"1-2\",\"label\":\"bad\"}: acknowledged, and not in the journal")]
    [InlineData("unpromoted", "verdict 1-3: model m2 was never promoted")]
    [InlineData("too early", "verdict 1-3: model m2 was promoted after 1-3")]
    [InlineData("wrong end", "epoch 1: announced as following 0-7, recorded as following 0-0")]
    public void Run_AFalseAccount_NamesTheDifference(string what, string expected)
    {
        var told = new Case();
        told.Falsify(what);
        Assert.Contains(Reconcile(told).Differences, d => d.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_VerdictsThatTheStationNamed_AreNoDifference()
    {
        var told = new Case();
        told.Heard.Add($"inspection/s/verdicts/c {Case.Verdict(1, 4)}");
        told.Heard.Add("""inspection/s/epoch {"epoch":2,"previousEpoch":1,"lastSequenceRecovered":3}""");
        told.Facts.Add(new(new(1, 3), JsonNode.Parse("""{"fact":"epoch","epoch":2,"previousEpoch":1,"lastSequenceRecovered":3}""")!));
        told.Verdicts.Add(Case.Recorded(Case.Verdict(2, 1)));
        told.Heard.Add("""inspection/s/undelivered {"from":{"epoch":2,"sequence":1},"to":{"epoch":2,"sequence":1}}""");
        var account = Reconcile(told);
        Assert.Empty(account.Differences);
        Assert.Equal((1, 1), (account.Lost, account.GivenUp));
    }

    [Fact]
    public void Run_VerdictsThatARepairNamed_AreNoDifference()
    {
        var told = new Case();
        told.Verdicts.RemoveRange(0, 2);
        Assert.NotEmpty(Reconcile(told).Differences);
        var account = Reconciler.Run(
            new(told.Verdicts, told.Facts) { Lost = [new(default, new(1, 3))] }, Subscriber.Read(told.Heard), Ledger.Parse(told.Ledger), complete: true);
        Assert.Empty(account.Differences);
        Assert.Equal(2, account.Lost);
    }

    private static Account Reconcile(Case told) => Reconciler.Run(new(told.Verdicts, told.Facts), Subscriber.Read(told.Heard), Ledger.Parse(told.Ledger), complete: true);

    /// <summary>Three verdicts, one of them triggered, one by a model, and a label; then one falsehood.</summary>
    private sealed class Case
    {
        public Case()
        {
            Verdicts = [Recorded(Verdict(1, 1, "\"trigger\":\"t1\",")), Recorded(Verdict(1, 2)), Recorded(Verdict(1, 3, "\"model\":\"m1\","))];
            Facts =
            [
                Fact(0, """{"fact":"epoch","epoch":1,"previousEpoch":0,"lastSequenceRecovered":0}"""), Fact(0, """{"fact":"trigger","trigger":"t1"}"""),
                Fact(2, """{"fact":"promotion","model":"m1"}"""), Fact(3, """{"fact":"label","sample":"1-1","label":"good","by":"anna"}"""),
            ];
            Heard = ["""inspection/s/epoch {"epoch":1,"previousEpoch":0,"lastSequenceRecovered":0}""", .. Verdicts.Select(v => $"inspection/s/verdicts/c {v.Json}")];
            // Delivery at least once.
            Heard.Add(Heard[1]);
            Ledger = ["""{"asked":"t1"}""", $$"""{"answered":"t1","verdict":{{Verdicts[0].Json}}}""", """{"acknowledged":{"fact":"label","sample":"1-1","label":"good"}}"""];
        }

        public List<RecordedVerdict> Verdicts { get; }

        public List<RecordedFact> Facts { get; }

        public List<string> Heard { get; }

        public List<string> Ledger { get; }

        public static string Verdict(uint epoch, ulong sequence, string more = "") => $$"""{{{more}}"epoch":{{epoch}},"sequence":{{sequence}},"verdict":"OK"}""";

        public static RecordedVerdict Recorded(string json) => new(Identity.Of(JsonNode.Parse(json)!), json, JsonNode.Parse(json)!);

        public void Falsify(string what)
        {
            switch (what)
            {
                case "never heard": Heard.RemoveAt(2); break;
                case "two contents": Heard.Add(Heard[2].Replace("OK", "NG", StringComparison.Ordinal)); break;
                case "order": (Heard[2], Heard[3]) = (Heard[3], Heard[2]); break;
                case "unrecorded": Heard.Add($"inspection/s/verdicts/c {Verdict(1, 4)}"); break;
                case "unannounced": Heard.RemoveAt(0); break;
                case "gap": Verdicts.RemoveAt(1); break;
                case "identity twice": Verdicts.Insert(1, Verdicts[1]); break;
                case "two verdicts": Verdicts[1] = Recorded(Verdict(1, 2, "\"trigger\":\"t1\",")); break;
                case "unanswered": Facts.Add(Fact(3, """{"fact":"trigger","trigger":"t2"}""")); break;
                case "never accepted": Facts.RemoveAt(1); break;
                case "told otherwise": Ledger[1] = Ledger[1].Replace("OK", "NG", StringComparison.Ordinal); break;
                case "told of nothing": Ledger.Add("""{"answered":"t9","verdict":{}}"""); break;
                case "silent": Ledger.Add("""{"asked":"t8"}"""); break;
                case "refused and judged": Ledger.Add("""{"refused":"t1"}"""); break;
                case "label lost": Ledger.Add("""{"acknowledged":{"fact":"label","sample":"1-2","label":"bad"}}"""); break;
                case "unpromoted": Verdicts[2] = Recorded(Verdict(1, 3, "\"model\":\"m2\",")); break;
                case "too early":
                    Verdicts[2] = Recorded(Verdict(1, 3, "\"model\":\"m2\","));
                    Facts.Add(Fact(3, """{"fact":"promotion","model":"m2"}"""));
                    break;
                case "wrong end": Heard[0] = Heard[0].Replace("\"lastSequenceRecovered\":0", "\"lastSequenceRecovered\":7", StringComparison.Ordinal); break;
                default: Assert.Fail($"There is no falsehood '{what}'."); break;
            }
        }

        private static RecordedFact Fact(ulong before, string json) => new(new(before == 0 ? 0u : 1u, before), JsonNode.Parse(json)!);
    }
}
