using System.Globalization;

namespace Appliance.Capture;

/// <summary>A source's URL taken apart: <c>scheme:target?key=value&amp;…</c>. Streams keep their own query and have no keys of ours.</summary>
/// <param name="Target">Path, device or name; for a stream the whole URL with its credentials: hand it to the opener and to nobody else.</param>
/// <param name="Shown">The URL for logs and people: no credentials, no query of a stream.</param>
internal sealed record SourceUrl(string Scheme, string Target, IReadOnlyDictionary<string, string> Keys, string Shown)
{
    /// <summary>Schemes whose URL belongs to the peer.</summary>
    public bool IsStream => IsStreamScheme(Scheme);

    public static SourceUrl Parse(string url)
    {
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        var scheme = colon > 0 ? url[..colon].ToLowerInvariant() : "file";
        if (IsStreamScheme(scheme)) return new(scheme, url, new Dictionary<string, string>(), WithoutCredentials(url, scheme));
        var rest = colon > 0 ? url[(colon + 1)..] : url;
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var target = question < 0 ? rest : rest[..question];
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        if (question >= 0)
            foreach (var pair in rest[(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
            {
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                keys[Uri.UnescapeDataString(equals < 0 ? pair : pair[..equals])] = equals < 0 ? "true" : Uri.UnescapeDataString(pair[(equals + 1)..]);
            }

        return new(scheme, target, keys, url);
    }

    public string? Text(string key) => Keys.GetValueOrDefault(key);

    public bool Switch(string key) => Keys.TryGetValue(key, out var value) && value == "true";

    public long Whole(string key, long otherwise) => Keys.TryGetValue(key, out var value) ? long.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    public double Number(string key, double otherwise) => Keys.TryGetValue(key, out var value) ? double.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    private static bool IsStreamScheme(string scheme) => scheme is "rtsp" or "rtsps" or "http" or "https";

    private static string WithoutCredentials(string url, string scheme) => Uri.TryCreate(url, UriKind.Absolute, out var uri)
        ? $"{uri.Scheme}://{uri.Authority[(uri.Authority.LastIndexOf('@') + 1)..]}{uri.AbsolutePath}"
        : $"{scheme}://(unreadable)";
}
