using System.CommandLine;
using System.Globalization;
using Appliance.Web;
using Appliance.Web.Keys;

namespace Appliance.CommandLine;

internal static class KeyCommands
{
    public static Command Create() => new("keys", "Keys to the HTTP interface: one for each machine or terminal.") { Add(), List(), Revoke() };

    private static Command Add()
    {
        var (url, by) = (StationClient.Url(), StationClient.By());
        var name = new Argument<string>("name") { Description = "the machine or terminal that gets it" };
        var role = new Option<string>("--role") { Description = "what it may: read; line (trigger, pause, resume); label (label, ask for training); manage (everything)", Required = true };
        role.AcceptOnlyFromAmong([.. Roles.All]);
        var command = new Command("add", "Makes a key and prints it, this once: the service keeps only its hash.") { name, role, by, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var made = await client.PostAsync(
                "/api/v1/keys", new NewKey(parsed.GetValue(name), parsed.GetValue(role), parsed.GetValue(by)), WebJson.Default.NewKey, WebJson.Default.MadeKey);
            // Alone on the standard output, so that it can be written to a file.
            Console.WriteLine(made.Key);
            await Console.Error.WriteLineAsync($"Key '{made.Made.Name}' ({made.Made.Role}) is made. It is sent as 'Authorization: Bearer KEY', and shown nowhere again.");
        }));
        return command;
    }

    private static Command List()
    {
        var url = StationClient.Url();
        var command = new Command("list", "Every key there is and was, without the keys themselves.") { url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var page = await client.GetAsync("/api/v1/keys", WebJson.Default.KeyPage);
            foreach (var k in page.Keys)
            {
                var end = k.RevokedAt is { } at ? $"  revoked {at.ToString("u", CultureInfo.InvariantCulture)} by {k.RevokedBy}: {k.Why}" : "";
                Console.WriteLine($"{k.Id}  {k.Role,-6}  {k.At.ToString("u", CultureInfo.InvariantCulture)} by {k.By}  {k.Name}{end}");
            }

            if (page.Keys.Count == 0) Console.WriteLine("There is no key yet.");
            if (page.Refused > 0) Console.WriteLine($"{page.Refused} requests were refused for their key since the start");
        }));
        return command;
    }

    private static Command Revoke()
    {
        var (url, by, why) = (StationClient.Url(), StationClient.By(), StationClient.Why());
        var key = new Argument<string>("key") { Description = "name or id of a key" };
        var command = new Command("revoke", "Makes a key good for nothing, from the next request on.") { key, by, why, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var path = $"/api/v1/keys/{Uri.EscapeDataString(parsed.GetValue(key)!)}/revoke";
            var revoked = await client.PostAsync(path, new ChangeBody(parsed.GetValue(by), parsed.GetValue(why)), WebJson.Default.ChangeBody, WebJson.Default.KeyView);
            Console.WriteLine($"{revoked.Name} ({revoked.Id}) is revoked");
        }));
        return command;
    }
}
