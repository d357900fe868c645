using Appliance.Capture.Folders;
using Appliance.Capture.Simulation;
using Appliance.Capture.Video;
using Appliance.Hosting;

namespace Appliance.Capture;

/// <summary>
/// Sources by URL: <c>sim:plates</c>, <c>folder:PATH</c>, <c>file:VIDEO</c> or a plain path, <c>v4l2:/dev/video0</c>, <c>rtsp://…</c>, <c>http://…</c>.
/// Relative paths start at the working directory.
/// </summary>
internal static class FrameSources
{
    private static readonly Dictionary<string, SourceKey[]> Schemes = new(StringComparer.Ordinal)
    {
        ["sim"] = SimulatedSource.Keys,
        ["folder"] = FolderSource.Keys,
        ["file"] = VideoSource.FileKeys,
        ["v4l2"] = V4L2Controls.Keys,
        ["rtsp"] = [],
        ["rtsps"] = [],
        ["http"] = [],
        ["https"] = [],
    };

    /// <summary>Opens one camera's source again and again; files that one opening gave do not come again with the next.</summary>
    /// <param name="lists">Of watched folders, what outlives the process; null where nothing does.</param>
    public static Func<CancellationToken, IFrameSource> Opener(CameraOptions options, TimeProvider time, TakenLists? lists = null)
    {
        var taken = new TakenFiles(options.Name, options.QueueLength, lists);
        return cancellation => Open(options.Source, options, time, taken, cancellation);
    }

    /// <summary>Opens a source. The caller owns it.</summary>
    /// <exception cref="SourceException">The URL is wrong, or what it names is missing or does not answer in time.</exception>
    public static IFrameSource Open(string url, CameraOptions options, TimeProvider time, TakenFiles? taken = null, CancellationToken cancellation = default)
    {
        var errors = Validate(url).ToList();
        var parsed = SourceUrl.Parse(url);
        if (errors.Count > 0) throw new SourceException($"Source '{parsed.Shown}' cannot be opened: {string.Join(' ', errors)}");
        return parsed.Scheme switch
        {
            "sim" => new SimulatedSource(parsed, options.Name, time),
            "folder" => new FolderSource(parsed, options, time, taken ?? new TakenFiles(options.Name, options.QueueLength)),
            _ when parsed.IsStream => StreamSource.Open(parsed, options, time, cancellation),
            _ => VideoSource.Open(parsed, options, time),
        };
    }

    /// <summary>What is wrong with a URL, as far as can be said without opening it; empty when nothing is.</summary>
    public static IEnumerable<string> Validate(string url)
    {
        if (string.IsNullOrWhiteSpace(url)) return ["The source is empty; give one of " + Known()];
        var parsed = SourceUrl.Parse(url);
        if (!Schemes.TryGetValue(parsed.Scheme, out var keys))
        {
            var nearest = NearestName.Of(parsed.Scheme, Schemes.Keys);
            return [$"'{parsed.Scheme}:' is no kind of source{(nearest is null ? "" : $"; did you mean '{nearest}:'?")} Known are {Known()}"];
        }

        return WrongKeys(parsed, keys).Concat(WrongTarget(parsed));
    }

    private static string Known() => string.Join(", ", Schemes.Keys.Select(scheme => scheme + ":")) + " and a plain path of a video.";

    private static IEnumerable<string> WrongKeys(SourceUrl url, SourceKey[] keys)
    {
        foreach (var (name, value) in url.Keys)
        {
            if (keys.FirstOrDefault(key => key.Name == name) is { } known)
            {
                if (known.Refuse(value) is { } takes) yield return $"'{name}' is '{value}'; it takes {takes}.";
                continue;
            }

            var nearest = NearestName.Of(name, keys.Select(key => key.Name));
            var hint = nearest is null ? $"known are {string.Join(", ", keys.Select(key => key.Name))}." : $"did you mean '{nearest}'?";
            yield return $"'{name}' is no key of '{url.Scheme}:'; {hint}";
        }
    }

    private static IEnumerable<string> WrongTarget(SourceUrl url) => url.Scheme switch
    {
        "sim" when url.Target != "plates" => [$"'sim:{url.Target}' is not known; use 'sim:plates'."],
        "folder" => FolderSource.WrongTarget(url),
        "file" when Directory.Exists(url.Target) => [$"'{url.Target}' is a folder; use 'folder:{url.Target}'."],
        "file" or "v4l2" when !File.Exists(url.Target) => [$"'{url.Target}' does not exist."],
        _ when url.IsStream && !Uri.TryCreate(url.Target, UriKind.Absolute, out _) => ["The address cannot be read; it takes scheme://host:port/path."],
        _ => [],
    };
}
