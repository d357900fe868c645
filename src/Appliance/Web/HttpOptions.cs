namespace Appliance.Web;

/// <summary>Who may ask over HTTP, and how often.</summary>
internal sealed class HttpOptions
{
    /// <summary>Whether requests from this machine need a key too. Those from elsewhere always do, see <see cref="Hosting.ApplianceOptions.Listen"/>.</summary>
    public bool KeyOnLoopback { get; set; }

    /// <summary>Requests a second that each key may make on and on, and each address without one: 1 to 100000. Beyond it 429. Requests from this machine without a key are not limited.</summary>
    public int RequestsPerSecond { get; set; } = 100;

    /// <summary>Requests that each of them may make at once, 1 to 100000.</summary>
    public int RequestsAtOnce { get; set; } = 300;

    public IEnumerable<string> Validate(string key)
    {
        if (RequestsPerSecond is < 1 or > 100_000) yield return $"{key}:RequestsPerSecond is {RequestsPerSecond}; it takes 1 to 100000.";
        if (RequestsAtOnce is < 1 or > 100_000) yield return $"{key}:RequestsAtOnce is {RequestsAtOnce}; it takes 1 to 100000.";
    }
}
