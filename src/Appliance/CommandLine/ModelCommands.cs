using System.CommandLine;
using System.Globalization;
using Appliance.Web;

namespace Appliance.CommandLine;

internal static class ModelCommands
{
    public static Command Create() => new("models", "Models in the store, and which one is live.") { List(), Show(), CompareCommand.Create(), ShadowCommands.Shadow(), ShadowCommands.Dismiss(), Promote(), Rollback() };

    private static Command List()
    {
        var url = StationClient.Url();
        var command = new Command("list", "All models, newest first; '*' is live.") { url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var page = await client.GetAsync("/api/v1/models", WebJson.Default.ModelPage);
            foreach (var m in page.Models.OrderByDescending(m => m.CreatedAt))
                Console.WriteLine($"{(m.Live ? '*' : ' ')} {m.Model[..12]}  {m.CreatedAt.ToString("u", CultureInfo.InvariantCulture)}  {Figures(m),-52}  {string.Join(", ", m.Classes)}");
            foreach (var broken in page.Broken) Console.WriteLine("! " + broken);
            if (page is { Models.Count: 0, Broken.Count: 0 }) Console.WriteLine("There is no model yet: label samples and train one.");
        }));
        return command;
    }

    private static Command Show()
    {
        var url = StationClient.Url();
        var model = ModelArgument();
        var command = new Command("show", "One model: classes, figures, choices with their reasons, policy.") { model, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var detail = await client.GetAsync("/api/v1/models/" + await FindAsync(client, parsed.GetValue(model)!), WebJson.Default.ModelDetail);
            Console.WriteLine($"model     {detail.Model.Model}{(detail.Model.Live ? " (live)" : "")}");
            Console.WriteLine($"parent    {detail.Model.Parent ?? "none"}");
            Console.WriteLine($"made      {detail.Model.CreatedAt.ToString("u", CultureInfo.InvariantCulture)} by {detail.Model.CreatedBy}");
            Console.WriteLine($"snapshot  {detail.SnapshotSha256}, {detail.OutOfFold} out-of-fold predictions");
            Console.WriteLine($"policy    {detail.PolicyId}{(detail.PackagePolicy ? "" : ", set for the live model; its package has another one")}");
            foreach (var (name, threshold) in detail.Policy.Thresholds) Console.WriteLine(FormattableString.Invariant($"          {name} from {threshold:F3}"));
            Console.WriteLine(FormattableString.Invariant($"          unsure band {detail.Policy.UnsureBand:F3}, unseen beyond {detail.Policy.UnseenLimit:F2}"));
            foreach (var (name, value) in detail.Model.Metrics) Console.WriteLine(FormattableString.Invariant($"{name,-9} {value:F4}"));
            foreach (var choice in detail.Choices) Console.WriteLine("choice    " + choice);
        }));
        return command;
    }

    private static Command Promote()
    {
        var (url, by, why) = (StationClient.Url(), StationClient.By(), StationClient.Why());
        var model = ModelArgument();
        var overriding = StationClient.OverrideMustCatch();
        var own = new Option<bool>("--package-policy") { Description = "with the policy of its package; otherwise what a person set for the live model goes along" };
        var command = new Command("promote", "Makes a model of the store live, without the gate: a person answers for it.") { model, own, overriding, by, why, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var body = new PromoteBody(parsed.GetValue(by), parsed.GetValue(why), parsed.GetValue(own), parsed.GetValue(overriding));
            var path = $"/api/v1/models/{await FindAsync(client, parsed.GetValue(model)!)}/promote";
            var live = await client.PostAsync(path, body, WebJson.Default.PromoteBody, WebJson.Default.ModelView);
            Console.WriteLine($"{live.Model} is live");
        }));
        return command;
    }

    private static Command Rollback()
    {
        var (url, by, why) = (StationClient.Url(), StationClient.By(), StationClient.Why());
        var overriding = StationClient.OverrideMustCatch();
        var command = new Command("rollback", "Brings back the model before the live one.") { overriding, by, why, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var body = new OverridingBody(parsed.GetValue(by), parsed.GetValue(why), parsed.GetValue(overriding));
            var model = await client.PostAsync("/api/v1/models/rollback", body, WebJson.Default.OverridingBody, WebJson.Default.ModelView);
            var detail = await client.GetAsync($"/api/v1/models/{model.Model}", WebJson.Default.ModelDetail);
            Console.WriteLine($"{model.Model} is live with policy {detail.PolicyId}");
        }));
        return command;
    }

    private static Argument<string> ModelArgument() => new("model") { Description = "model id, or its first characters" };

    internal static async Task<string> FindAsync(StationClient client, string prefix)
    {
        var page = await client.GetAsync("/api/v1/models", WebJson.Default.ModelPage);
        var found = page.Models.Where(m => m.Model.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        return found.Count == 1 ? found[0].Model : throw new StationException($"'{prefix}' names {found.Count} models; 'appliance models list' shows them.");
    }

    private static string Figures(ModelView m) =>
        m.Metrics.TryGetValue("macroF1", out var f1) ? string.Create(CultureInfo.InvariantCulture, $"macro-F1 {f1:F3} of {m.Pictures} pictures of {m.Parts} parts") : "";
}
