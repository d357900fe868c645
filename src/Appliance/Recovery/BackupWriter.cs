using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>Writes a backup, an uncompressed tar (POSIX pax), so that it appears under its name whole or not at all.</summary>
internal sealed class BackupWriter : IDisposable
{
    private readonly FileStream file;
    private readonly TarWriter tar;
    private readonly StringBuilder sums = new();
    private readonly string path;
    private readonly string temporary;
    private bool finished;

    public BackupWriter(string path, BackupHead head)
    {
        this.path = path;
        temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{RandomNumberGenerator.GetHexString(12, lowercase: true)}.tmp");
        LinuxFileSystem.Instance.CreateNew(temporary).Dispose();
        file = new FileStream(temporary, FileMode.Open, FileAccess.Write);
        tar = new TarWriter(file, TarEntryFormat.Pax, leaveOpen: true);
        Add(BackupHead.FileName, JsonSerializer.SerializeToUtf8Bytes(head, BackupJson.Default.BackupHead));
    }

    public long Bytes => file.Position;

    public int Files { get; private set; }

    /// <summary>Copies the first bytes of a file. Their SHA-256.</summary>
    public string Add(string name, FilePrefix prefix)
    {
        using var content = new PrefixStream(prefix.Path, prefix.LengthBytes);
        Write(name, content);
        AddSum(name, content.Sha256);
        return content.Sha256;
    }

    public void Add(string name, byte[] content)
    {
        using var stream = new MemoryStream(content);
        Write(name, stream);
        AddSum(name, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    /// <summary>Ends it, syncs it and gives it its name.</summary>
    public void Finish()
    {
        using (var last = new MemoryStream(Encoding.UTF8.GetBytes(sums.ToString()))) Write(BackupHead.SumsName, last);
        tar.Dispose();
        file.Flush(flushToDisk: true);
        file.Dispose();
        File.Move(temporary, path);
        LinuxFileSystem.Instance.SyncDirectory(Path.GetDirectoryName(path)!);
        finished = true;
    }

    public void Dispose()
    {
        if (finished) return;
        tar.Dispose();
        file.Dispose();
        File.Delete(temporary);
    }

    private void Write(string name, Stream content)
    {
        Files++;
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead });
    }

    private void AddSum(string name, string sha256) => sums.Append(sha256).Append("  ").Append(name).Append('\n');
}
