using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>Unpacks a backup and believes nothing of it: no entry but plain files under the names that a backup has, all of them with the sums that it says.</summary>
internal sealed class BackupReader(IFileSystem files, string path, Progress progress)
{
    private const int MaxSmallBytes = 64 << 20;

    /// <summary>Unpacks into an empty directory; each file is synced.</summary>
    /// <param name="accept">Judges the head before anything else is unpacked; throws to refuse.</param>
    /// <exception cref="BackupException">The backup is refused; what was unpacked so far stays.</exception>
    public BackupHead Unpack(string directory, Action<BackupHead> accept)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var tar = new TarReader(file);
            var head = ReadHead(tar);
            accept(head);
            var sums = new Dictionary<string, string>(StringComparer.Ordinal) { [BackupHead.FileName] = HashOf(headBytes) };
            byte[]? said = null;
            while (tar.GetNextEntry() is { } entry)
            {
                progress.Say($"{sums.Count} files unpacked");
                Check(entry);
                if (said is not null) throw Refused($"'{entry.Name}' follows after its end");
                if (entry.Name == BackupHead.SumsName) said = ReadSmall(entry);
                else if (sums.ContainsKey(entry.Name)) throw Refused($"'{entry.Name}' is in it twice");
                else sums.Add(entry.Name, Extract(entry, Path.Combine(directory, entry.Name)));
            }
            Compare(sums, said);
            return head;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or OverflowException or ArgumentException)
        {
            throw Refused($"it is no tar, or was cut off or damaged ({e.Message})");
        }
    }

    private byte[] headBytes = [];

    private BackupHead ReadHead(TarReader tar)
    {
        if (tar.GetNextEntry() is not { } entry || entry.Name != BackupHead.FileName) throw Refused($"it does not begin with {BackupHead.FileName}");
        Check(entry);
        headBytes = ReadSmall(entry);
        try
        {
            using (var any = JsonDocument.Parse(headBytes))
            {
                if (any.RootElement.GetProperty("format").GetString() != BackupHead.FormatName) throw Refused("it is of another kind");
                if (any.RootElement.GetProperty("schemaVersion").GetInt32() is var version and > BackupHead.NewestVersion)
                    throw Refused($"it is of version {version}, this program reads up to {BackupHead.NewestVersion}. Use a newer appliance");
            }
            return JsonSerializer.Deserialize(headBytes, BackupJson.Default.BackupHead)!;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Refused($"its {BackupHead.FileName} is damaged ({e.Message})");
        }
    }

    private void Check(TarEntry entry)
    {
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) throw Refused($"'{Printable(entry.Name)}' in it is no plain file");
        if (!BackupNames.Accepts(entry.Name)) throw Refused($"'{Printable(entry.Name)}' in it is no file of a backup");
    }

    private string Extract(TarEntry entry, string to)
    {
        files.CreateDirectory(Path.GetDirectoryName(to)!);
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = files.CreateNew(to);
        var buffer = new byte[1 << 16];
        while (entry.DataStream?.Read(buffer) is { } count and > 0)
        {
            sha.AppendData(buffer, 0, count);
            file.Write(buffer.AsSpan(0, count));
        }
        file.Sync();
        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    private byte[] ReadSmall(TarEntry entry)
    {
        if (entry.Length > MaxSmallBytes) throw Refused($"'{entry.Name}' in it is too large");
        using var memory = new MemoryStream();
        entry.DataStream?.CopyTo(memory);
        return memory.ToArray();
    }

    private void Compare(Dictionary<string, string> sums, byte[]? said)
    {
        if (said is null) throw Refused($"it ends without {BackupHead.SumsName}: it was cut off");
        var listed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Encoding.UTF8.GetString(said).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length < 67 || !listed.TryAdd(line[66..], line[..64])) throw Refused($"its {BackupHead.SumsName} is damaged");
        }
        foreach (var (name, sum) in listed)
        {
            if (!sums.TryGetValue(name, out var found)) throw Refused($"'{Printable(name)}' is missing in it");
            if (found != sum) throw Refused($"'{name}' in it was altered");
        }
        if (sums.Keys.Except(listed.Keys).FirstOrDefault() is { } extra) throw Refused($"'{extra}' in it is not among its sums");
    }

    private BackupException Refused(string why) => new($"The backup '{path}' is refused: {why}. Nothing was restored.");

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static string Printable(string name) => string.Concat(name.Take(100).Select(c => char.IsControl(c) ? '?' : c));
}
