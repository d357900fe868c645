using System.Net;
using Appliance.Hosting;

namespace Appliance.Settings;

/// <summary>What is allowed and may still be a mistake.</summary>
internal static class ConfigurationWarnings
{
    /// <param name="path">Of the configuration file.</param>
    public static IEnumerable<string> Of(ApplianceOptions options, string path)
    {
        if (!IPAddress.IsLoopback(IPAddress.Parse(new Uri(options.Listen).Host)))
            yield return $"Listen is '{options.Listen}': other machines reach the HTTP interface. They need a key, which crosses the network in clear: put a proxy with TLS before it, see SECURITY.md.";
        if (options.Mqtt.Address.IsEmbedded && !IPAddress.IsLoopback(IPAddress.Parse(options.Mqtt.Listen)))
            yield return $"Mqtt:Listen is '{options.Mqtt.Listen}': other machines reach the embedded broker, which knows no users. Whoever reaches it may trigger. Use the plant's broker with accounts, or keep it on loopback.";
        if (options.Mqtt.PasswordFile is { } file && Secrets.OpenTo(file) is { } open) yield return $"Mqtt:PasswordFile: {open}";
        if (options.Mqtt.PasswordFile is { } empty && Secrets.IsEmpty(empty)) yield return $"Mqtt:PasswordFile: the first line of {empty} is empty, and so is the password. Write it there.";
        if (options.Cameras.Any(c => Secrets.IsSecret(c.Source)) && Secrets.OpenToOthers(path) is { } readable) yield return $"Cameras: {readable}";
        if (!File.Exists(options.Inspection.Backbone)) yield return $"Inspection:Backbone is '{options.Inspection.Backbone}', which is not there; the service does not start without it. 'trainer backbone' makes one.";
        if (!File.Exists(options.Training.Program)) yield return $"Training:Program is '{options.Training.Program}', which is not there; nothing is trained without it.";
    }
}
