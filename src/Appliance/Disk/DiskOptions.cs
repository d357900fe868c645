using Appliance.Settings;

namespace Appliance.Disk;

/// <summary>What is left to the journal when the disk fills up.</summary>
internal sealed class DiskOptions
{
    private const long MiB = 1L << 20;

    /// <summary>With less free space no sample is kept and no head is trained, so that verdicts and labels can go on: 0 (never stop) to 1 TiB.</summary>
    [Reloadable]
    public long MinFreeBytes { get; set; } = 1024 * MiB;

    /// <summary>Room that the journal holds for itself and uses when others have filled the disk, 0 (none) to 16 GiB. 64 MiB are an hour or more of verdicts at 30 a second.</summary>
    public long ReserveBytes { get; set; } = 64 * MiB;

    public IEnumerable<string> Validate(string key)
    {
        if (MinFreeBytes is < 0 or > 1024 * 1024 * MiB) yield return $"{key}:MinFreeBytes is {MinFreeBytes}; it takes 0 to {1024 * 1024 * MiB}.";
        if (ReserveBytes is < 0 or > 16 * 1024 * MiB) yield return $"{key}:ReserveBytes is {ReserveBytes}; it takes 0 to {16 * 1024 * MiB}.";
    }
}
