using System.Text.Json.Serialization;

namespace Appliance.Recovery;

/// <summary>First entry of a backup, <c>backup.json</c>: what it is of. Layout in docs/formats.md.</summary>
/// <param name="Epoch">The highest epoch that the facts know.</param>
/// <param name="LastFact">Index of the last fact in it.</param>
internal sealed record BackupHead(string Format, int SchemaVersion, string Station, uint Epoch, ulong LastFact, DateTimeOffset TakenAt, string Version)
{
    public const string FileName = "backup.json";
    public const string FormatName = "appliance-backup";
    public const int NewestVersion = 1;

    /// <summary>Last entry: what <c>sha256sum</c> prints of all before it.</summary>
    public const string SumsName = "SHA256SUMS";
}

/// <summary>A backup cannot be taken or is refused; the message says why and what to do.</summary>
internal sealed class BackupException(string message, Exception? inner = null) : Exception(message, inner);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BackupHead))]
internal sealed partial class BackupJson : JsonSerializerContext;
