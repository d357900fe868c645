using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Inference.Files;
using Microsoft.Extensions.Logging;

namespace Appliance.Samples;

/// <summary>
/// The time by which things are old. It follows the clock, but by no more than twice the time that has passed here, and by four days over a stop: a clock that jumps ahead makes nothing old
/// that a person could not save first. Kept in a file, so that a restart does not believe the jump. One caller at a time.
/// </summary>
internal sealed partial class RetentionClock(IFileSystem files, string path, TimeProvider time, ILogger<RetentionClock> logger)
{
    public const string FileName = "retention.json";
    private const int Rate = 2;
    private static readonly TimeSpan LongestStop = TimeSpan.FromDays(4);
    private static readonly TimeSpan SayFrom = TimeSpan.FromDays(1);
    private static readonly TimeSpan SaveEvery = TimeSpan.FromMinutes(10);

    // A clock that says less was never set, as on a box without a battery.
    private static readonly DateTimeOffset Unset = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private DateTimeOffset? seen;
    private DateTimeOffset saved;
    private long at;

    /// <summary>Why ages count from another time than the clock's; null where they do not.</summary>
    public string? Behind { get; private set; }

    /// <summary>Now, as far as the clock is believed.</summary>
    /// <exception cref="IOException">It cannot be kept; may be tried again.</exception>
    public DateTimeOffset Now()
    {
        var (clock, stamp) = (time.GetUtcNow(), time.GetTimestamp());
        if (clock < Unset) return clock;
        var next = seen is { } before ? before + (Rate * time.GetElapsedTime(at, stamp)) : Load() is { } kept ? kept + LongestStop : clock;
        // A clock that was set back does not take away what was seen to pass.
        seen = Later(seen ?? saved, Earlier(clock, next));
        at = stamp;
        if (seen - saved >= SaveEvery) Save(seen.Value);
        Say(clock, seen.Value);
        return Earlier(clock, seen.Value);
    }

    // Null where there is none, or one that nobody can read: then the clock is believed.
    private DateTimeOffset? Load()
    {
        try
        {
            return saved = JsonSerializer.Deserialize(File.ReadAllBytes(path), RetentionJson.Default.RetentionTime)!.Seen;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException or NullReferenceException)
        {
            return null;
        }
    }

    private void Save(DateTimeOffset now)
    {
        WholeFile.Write(files, path, JsonSerializer.SerializeToUtf8Bytes(new RetentionTime(now), RetentionJson.Default.RetentionTime));
        saved = now;
    }

    private void Say(DateTimeOffset clock, DateTimeOffset believed)
    {
        var said = Behind is not null;
        Behind = clock - believed < SayFrom ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"The clock says {clock:yyyy-MM-dd}, which is {(clock - believed).TotalDays:0} days more than have passed here: it has jumped, or the station was off for long. Ages count to {believed:yyyy-MM-dd} and catch up at twice the time. Set the clock right; where it is right, stop the service and delete {path}, and it is believed at once.");
        if (Behind is not null && !said) LogBehind(Behind);
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    [LoggerMessage(5022, LogLevel.Warning, "Retention does not believe the clock. {Why}")]
    private partial void LogBehind(string why);
}

/// <summary>What is kept over a restart.</summary>
internal sealed record RetentionTime(DateTimeOffset Seen);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RetentionTime))]
internal sealed partial class RetentionJson : JsonSerializerContext;
