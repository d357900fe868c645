using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>Writes a backup, an uncompressed tar (POSIX pax), so that it appears under its name whole or not at all.</summary>
internal sealed class BackupWriter : IDisposable
{
    private readonly IFileSystem files;
    private readonly IWritableFile file;
    private readonly FileStreamOut stream;
    private readonly TarWriter tar;
    private readonly StringBuilder sums = new();
    private readonly string path;
    private readonly string temporary;
    // Tells a backup that is being written from one that a kill left: see RemoveLeftOvers.
    private readonly FileStream alive;
    private bool finished;

    public BackupWriter(IFileSystem files, string path)
    {
        (this.files, this.path) = (files, path);
        temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{RandomNumberGenerator.GetHexString(12, lowercase: true)}{WholeFile.TemporarySuffix}");
        file = files.CreateNew(temporary);
        alive = new FileStream(temporary, FileMode.Open, FileAccess.Read, FileShare.None);
        stream = new FileStreamOut(file);
        tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
    }

    public long Bytes => stream.Position;

    public int Files { get; private set; }

    /// <summary>Deletes what backups of this name left that were killed; not one that is being written.</summary>
    /// <param name="name">Of a backup, with * for any characters.</param>
    public static void RemoveLeftOvers(IFileSystem files, string directory, string name)
    {
        foreach (var path in Directory.EnumerateFiles(directory, $".{name}.????????????{WholeFile.TemporarySuffix}", new EnumerationOptions { AttributesToSkip = 0 }))
        {
            try
            {
                using (new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None)) files.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, or not ours.
            }
        }
    }

    public void Add(BackupHead head) => Add(BackupHead.FileName, JsonSerializer.SerializeToUtf8Bytes(head, BackupJson.Default.BackupHead));

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
        using var bytes = new MemoryStream(content);
        Write(name, bytes);
        AddSum(name, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    /// <summary>Ends it, syncs it and gives it its name.</summary>
    public void Finish()
    {
        using (var last = new MemoryStream(Encoding.UTF8.GetBytes(sums.ToString()))) Write(BackupHead.SumsName, last);
        tar.Dispose();
        file.Sync();
        files.Rename(temporary, path);
        finished = true;
        files.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    public void Dispose()
    {
        if (!finished)
        {
            // First: what follows may fail on a full disk.
            files.Delete(temporary);
            QuietlyEnd();
        }
        alive.Dispose();
        file.Dispose();
    }

    private void QuietlyEnd()
    {
        try
        {
            tar.Dispose();
        }
        catch (IOException)
        {
            // Its end does not fit on the disk either.
        }
    }

    private void Write(string name, Stream content)
    {
        Files++;
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead });
    }

    private void AddSum(string name, string sha256) => sums.Append(sha256).Append("  ").Append(name).Append('\n');
}
