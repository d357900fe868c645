using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Appliance.Policies;
using Appliance.Web;
using Inference.Decisions;
using Inference.Packages;

namespace Appliance.CommandLine;

internal static class PolicyCommands
{
    public static Command Create() => new("policy", "When a model's answer is OK, NG or UNSURE: look at it, have one proposed, try it on what was kept, make it live.") { Show(), Propose(), WhatIf(), Apply() };

    private static Command Show()
    {
        var url = StationClient.Url();
        var command = new Command("show", "The live policy, and the escapes and overkill to expect of it.") { url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client => Print(await client.GetAsync("/api/v1/policy", WebJson.Default.LivePolicy))));
        return command;
    }

    private static Command Propose()
    {
        var url = StationClient.Url();
        var maxEscape = Share("--max-escape", "most bad parts of all bad ones that may be passed as good, for example 0.5%");
        var (escape, reject, review) = (Cost("--escape-cost", "cost of a bad part that is passed"), Cost("--reject-cost", "cost of a good part that is rejected"), Cost("--review-cost", "cost of a part that a person looks at"));
        var (reviews, parts) = (Cost("--reviews-per-hour", "how many parts people can look at"), Cost("--parts-per-hour", "how many parts come"));
        var badShare = Share("--bad-share", "how many of all parts are bad, for example 2%");
        var confidence = Share("--confidence", "of every interval, 50% to 99.9% (default 95%)");
        var output = new Option<FileInfo?>("--out") { Description = "write the policy here" };
        var json = StationClient.Json();
        var command = new Command(
            "propose", "Thresholds for the live model that keep escapes below a limit, or cost least; by labelled parts that the model has not seen. Changes nothing. Exit code 1: it cannot be promised.")
        {
            maxEscape, escape, reject, review, reviews, parts, badShare, confidence, output, json, url,
        };
        command.SetAction(async (parsed, _) =>
        {
            double?[] given = [parsed.GetValue(escape), parsed.GetValue(reject), parsed.GetValue(review), parsed.GetValue(reviews), parsed.GetValue(parts), parsed.GetValue(badShare)];
            if (parsed.GetValue(maxEscape) is null == given.Any(g => g is null) || (parsed.GetValue(maxEscape) is not null && given.Any(g => g is not null)))
            {
                await Console.Error.WriteLineAsync("Give either --max-escape, or all of --escape-cost, --reject-cost, --review-cost, --reviews-per-hour, --parts-per-hour and --bad-share.");
                return ExitCodes.Usage;
            }

            var costs = given[0] is null ? null : new VerdictCosts(given[0]!.Value, given[1]!.Value, given[2]!.Value, given[3]!.Value, given[4]!.Value, given[5]!.Value);
            var objective = new PolicyObjective(parsed.GetValue(maxEscape), costs, parsed.GetValue(confidence) ?? 0.95);
            var promised = false;
            var code = await StationClient.RunAsync(parsed, async client =>
            {
                var proposal = await client.PostAsync("/api/v1/policy/proposal", objective, WebJson.Default.PolicyObjective, WebJson.Default.PolicyProposal);
                promised = proposal.Policy is not null;
                if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(proposal, WebJson.Default.PolicyProposal));
                else Print(proposal);
                if (proposal.Policy is { } policy && parsed.GetValue(output) is { } file) await File.WriteAllBytesAsync(file.FullName, PolicyFile.Serialize(policy));
            });
            return code == ExitCodes.Done && !promised ? ExitCodes.Failed : code;
        });
        return command;
    }

    private static Command WhatIf()
    {
        var url = StationClient.Url();
        var file = PolicyArgument();
        var days = NumberOption.Create("--days", "only the last so many days", more: 0, most: 36500);
        var limit = new Option<int>("--limit") { Description = "changed verdicts shown, 0 to 1000", DefaultValueFactory = _ => 20 };
        var command = new Command("whatif", "Which verdicts on kept samples the live model would give otherwise by this policy. Changes nothing.") { file, days, limit, url };
        command.SetAction((parsed, _) => WithPolicyAsync(parsed.GetValue(file)!, policy => StationClient.RunAsync(parsed, async client =>
        {
            var since = parsed.GetValue(days) is { } d ? TimeProvider.System.GetUtcNow().AddDays(-d) : (DateTimeOffset?)null;
            var result = await client.PostAsync("/api/v1/policy/whatif", new PolicyTrial(policy, since, parsed.GetValue(limit)), WebJson.Default.PolicyTrial, WebJson.Default.WhatIfResult);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Judged} kept samples judged in {result.Milliseconds / 1000:F1} s, {result.Changed.Values.Sum()} verdicts would change{(result.Damaged == 0 ? "" : $"; {result.Damaged} rows are damaged")}"));
            foreach (var (change, count) in result.Changed) Console.WriteLine($"{count,8}  {change}");
            foreach (var v in result.Newest) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {v.Sample,-14} {v.GrabbedAt:u}  {v.Now.Word()} to {v.Then.Word()}  {v.Class} {v.Probability:F3}  label {v.Label ?? "none"}"));
        })));
        return command;
    }

    private static Command Apply()
    {
        var (url, by, why) = (StationClient.Url(), StationClient.By(), StationClient.Why());
        var (file, overriding) = (PolicyArgument(), StationClient.OverrideMustCatch());
        var command = new Command("apply", "Makes a policy live with the live model, between two inspections. 'models rollback' goes back.") { file, overriding, by, why, url };
        command.SetAction((parsed, _) => WithPolicyAsync(parsed.GetValue(file)!, policy => StationClient.RunAsync(parsed, async client =>
            Print(await client.PostAsync("/api/v1/policy", new PolicyChange(policy, parsed.GetValue(by), parsed.GetValue(why), parsed.GetValue(overriding)), WebJson.Default.PolicyChange, WebJson.Default.LivePolicy)))));
        return command;
    }

    private static Argument<FileInfo> PolicyArgument() => new("policy") { Description = "a policy file, as 'policy propose --out' writes it" };

    private static async Task<int> WithPolicyAsync(FileInfo file, Func<DecisionPolicy, Task<int>> use)
    {
        try
        {
            return await use(PolicyFile.ParseByHand(file.FullName, await File.ReadAllBytesAsync(file.FullName)));
        }
        catch (Exception e) when (e is PackageException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.Usage;
        }
    }

    private static void Print(LivePolicy live)
    {
        Console.WriteLine($"model     {live.Model}");
        Console.WriteLine($"policy    {live.PolicyId}");
        Print(live.Policy);
        Print(live.Parts);
        if (live.Expected is { } expected) Print(expected);
        else Console.WriteLine("expected  nothing can be said: good and bad labelled parts that the model has not seen are needed");
    }

    private static void Print(PolicyProposal proposal)
    {
        Console.WriteLine(proposal.Why);
        if (proposal.Policy is null) return;
        Print(proposal.Policy);
        Print(proposal.Parts!);
        Print(proposal.Expected!);
    }

    private static void Print(DecisionPolicy policy)
    {
        foreach (var (name, threshold) in policy.Thresholds) Console.WriteLine(FormattableString.Invariant($"          {name} from {threshold:F4}"));
        Console.WriteLine(FormattableString.Invariant($"          unsure band {policy.UnsureBand:F3}, unseen beyond {policy.UnseenLimit:F2}"));
        if (policy.Objective is { } objective) Console.WriteLine("objective " + Say(objective));
    }

    private static string Say(PolicyObjective objective) => objective.Costs is { } c
        ? string.Create(CultureInfo.InvariantCulture, $"least cost: {c.Escape} an escape, {c.Reject} a reject, {c.Review} a review; {c.ReviewsPerHour} reviews and {c.PartsPerHour} parts an hour, {c.BadShare:P2} of them bad; {objective.Confidence:P1} confidence")
        : string.Create(CultureInfo.InvariantCulture, $"at most {objective.MaxEscape:P3} escapes with {objective.Confidence:P1} confidence");

    private static void Print(PartsUsed parts)
    {
        Console.WriteLine($"counted   by {parts.Good} good and {parts.Bad} bad labelled parts that the model has not seen");
        if (parts.LeftOut > 0) Console.WriteLine($"          {parts.LeftOut} more are left out: it was trained on them and kept no prediction of then, or their embeddings are gone");
        if (parts.Differing > 0) Console.WriteLine($"          {parts.Differing} have labels that differ: they count as bad where one of their pictures is labelled so");
    }

    private static void Print(PolicyExpectation expected)
    {
        Print("escapes", "bad parts passed as good", expected.Escape, expected.Confidence);
        Print("overkill", "good parts called bad", expected.Overkill, expected.Confidence);
        Print("review", "good parts that a person must look at", expected.GoodReviewed, expected.Confidence);
        Print("", "bad parts that a person must look at", expected.BadReviewed, expected.Confidence);
    }

    private static void Print(string name, string what, RateEstimate rate, double confidence) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{name,-9} {rate.Count} of {rate.Of} {what}; {confidence:P1} interval {rate.Lower:P2} to {rate.Upper:P2}"));


    private static Option<double?> Cost(string name, string what) => NumberOption.Create(name, what);

    private static Option<double?> Share(string name, string what) => new(name) { Description = what, CustomParser = Parse };

    // 0.5% or 0.005.
    private static double? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var percent = text.EndsWith('%');
        // Half a percent and a half are easily mistaken: what is not tiny says which it is.
        if (double.TryParse(percent ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && (percent || value <= 0.05)) return percent ? value / 100 : value;
        result.AddError($"'{text}' is no share; it takes for example 0.5% or 0.005, and above 0.05 the percent sign.");
        return null;
    }
}
