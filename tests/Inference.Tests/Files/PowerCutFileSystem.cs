using System.Diagnostics;
using Inference.Files;

namespace Testing.Files;

/// <summary>
/// A real directory that remembers what was synced: contents by a file's sync, names by a directory's. <see cref="CutPower"/>
/// puts the directory back to just that. What lies there at the start counts as synced. Safe for several threads.
/// </summary>
internal sealed class PowerCutFileSystem : IFileSystem
{
    private readonly Lock gate = new();
    private readonly string root;
    private readonly LinuxFileSystem disk = LinuxFileSystem.Instance;
    private DirectoryNode tree;
    private int life;
    private bool off;

    public PowerCutFileSystem(string root)
    {
        this.root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        Directory.CreateDirectory(this.root);
        tree = Read(this.root);
    }

    /// <summary>
    /// Drops everything unsynced; files that are open from before fail from now on. With <paramref name="torn"/>, a random
    /// part of the bytes appended since a file's last sync stays, as on a disk that had begun to write them.
    /// </summary>
    public void CutPower(Random? torn = null)
    {
        lock (gate)
        {
            life++;
            Hold(tree);
            Directory.Delete(root, recursive: true);
            Restore(tree, root, torn);
            tree = Read(root);
        }
    }

    /// <summary>As <see cref="CutPower"/>, and nothing works until <see cref="SwitchOn"/>. The timestamp of the cut.</summary>
    public long SwitchOff(Random? torn = null)
    {
        lock (gate)
        {
            var at = Stopwatch.GetTimestamp();
            CutPower(torn);
            off = true;
            return at;
        }
    }

    public void SwitchOn()
    {
        lock (gate) off = false;
    }

    public IWritableFile OpenAppend(string path) => Open(path, mustBeNew: false);

    public IWritableFile CreateNew(string path) => Open(path, mustBeNew: true);

    /// <summary>Its bytes are remembered when the path is opened for appending and synced.</summary>
    public Stream OpenScratch(string path)
    {
        lock (gate)
        {
            ThrowIfOff();
            var stream = disk.OpenScratch(path);
            var names = Parent(path).Live;
            if (names.GetValueOrDefault(Path.GetFileName(path)) is FileNode known) known.Scratch = path;
            else names[Path.GetFileName(path)] = new FileNode { Scratch = path };
            return stream;
        }
    }

    public void Rename(string from, string to)
    {
        lock (gate)
        {
            ThrowIfOff();
            disk.Rename(from, to);
            var source = Parent(from);
            Parent(to).Live[Path.GetFileName(to)] = source.Live[Path.GetFileName(from)];
            source.Live.Remove(Path.GetFileName(from));
        }
    }

    public void Delete(string path)
    {
        lock (gate)
        {
            ThrowIfOff();
            disk.Delete(path);
            Parent(path).Live.Remove(Path.GetFileName(path));
        }
    }

    public void CreateDirectory(string path)
    {
        lock (gate)
        {
            ThrowIfOff();
            disk.CreateDirectory(path);
            var node = tree;
            foreach (var name in NamesOf(path))
            {
                if (!node.Live.TryGetValue(name, out var next)) node.Live[name] = next = new DirectoryNode();
                node.Synced[name] = next;
                node = (DirectoryNode)next;
            }
        }
    }

    public void SyncDirectory(string path)
    {
        lock (gate)
        {
            ThrowIfOff();
            disk.SyncDirectory(path);
            var node = Find(path);
            node.Synced.Clear();
            foreach (var (name, child) in node.Live) node.Synced[name] = child;
        }
    }

    private PowerCutFile Open(string path, bool mustBeNew)
    {
        lock (gate)
        {
            ThrowIfOff();
            var file = mustBeNew ? disk.CreateNew(path) : disk.OpenAppend(path);
            var names = Parent(path).Live;
            if (!names.TryGetValue(Path.GetFileName(path), out var node)) names[Path.GetFileName(path)] = node = new FileNode();
            return new PowerCutFile(this, file, (FileNode)node, life);
        }
    }

    private void ThrowIfOff()
    {
        if (off) throw new IOException("The power is off.");
    }

    private string[] NamesOf(string path)
    {
        var relative = Path.GetRelativePath(root, Path.GetFullPath(path));
        if (relative.StartsWith("..", StringComparison.Ordinal)) throw new IOException($"'{path}' lies outside '{root}', so nothing is known of its syncs.");
        return relative == "." ? [] : relative.Split(Path.DirectorySeparatorChar);
    }

    private DirectoryNode Find(string path) => NamesOf(path).Aggregate(tree, (node, name) => (DirectoryNode)node.Live[name]);

    private DirectoryNode Parent(string path) => Find(Path.GetDirectoryName(Path.GetFullPath(path))!);

    private static DirectoryNode Read(string directory)
    {
        var node = new DirectoryNode();
        foreach (var child in Directory.EnumerateDirectories(directory)) node.Live[Path.GetFileName(child)] = Read(child);
        foreach (var file in Directory.EnumerateFiles(directory)) node.Live[Path.GetFileName(file)] = new FileNode(File.ReadAllBytes(file));
        foreach (var (name, child) in node.Live) node.Synced[name] = child;
        return node;
    }

    private static void Restore(DirectoryNode node, string directory, Random? torn)
    {
        Directory.CreateDirectory(directory);
        foreach (var (name, child) in node.Synced)
        {
            var path = Path.Combine(directory, name);
            if (child is DirectoryNode below) Restore(below, path, torn);
            else File.WriteAllBytes(path, ((FileNode)child).AfterCut(torn));
        }
    }

    private static void Hold(DirectoryNode node)
    {
        foreach (var child in node.Synced.Values)
        {
            if (child is DirectoryNode below) Hold(below);
            else ((FileNode)child).Hold();
        }
    }

    private abstract class Node;

    private sealed class DirectoryNode : Node
    {
        public Dictionary<string, Node> Live { get; } = [];

        public Dictionary<string, Node> Synced { get; } = [];
    }

    private sealed class FileNode : Node
    {
        private byte[] synced;

        public FileNode(byte[]? content = null)
        {
            synced = content ?? [];
            Live.Write(synced);
        }

        public MemoryStream Live { get; } = new();

        /// <summary>Path of a file that is written anywhere; its bytes are read from the disk instead of being followed.</summary>
        public string? Scratch { get; set; }

        public void Sync() => synced = Scratch is null ? Live.ToArray() : Now();

        /// <summary>Just before a cut.</summary>
        public void Hold()
        {
            if (Scratch is null) return;
            Live.SetLength(0);
            Live.Write(Now());
        }

        private byte[] Now()
        {
            using var file = new FileStream(Scratch!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }

        public byte[] AfterCut(Random? torn)
        {
            if (torn is not null && Scratch is not null && torn.Next(2) == 0) return Live.ToArray();
            if (torn is null || Scratch is not null || Live.Length <= synced.Length) return synced;
            var appended = Live.ToArray().AsSpan(synced.Length, torn.Next((int)Live.Length - synced.Length + 1));
            return [.. synced, .. appended];
        }
    }

    private sealed class PowerCutFile(PowerCutFileSystem owner, IWritableFile file, FileNode node, int life) : IWritableFile
    {
        public long LengthBytes => file.LengthBytes;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            lock (owner.gate)
            {
                ThrowIfCut();
                file.Write(bytes);
                node.Live.Seek(0, SeekOrigin.End);
                node.Live.Write(bytes);
            }
        }

        public void Sync()
        {
            lock (owner.gate)
            {
                ThrowIfCut();
                file.Sync();
                node.Sync();
            }
        }

        public void Truncate(long lengthBytes)
        {
            lock (owner.gate)
            {
                ThrowIfCut();
                file.Truncate(lengthBytes);
                node.Live.SetLength(lengthBytes);
            }
        }

        public void Allocate(long lengthBytes)
        {
            lock (owner.gate)
            {
                ThrowIfCut();
                file.Allocate(lengthBytes);
                node.Live.SetLength(Math.Max(node.Live.Length, lengthBytes));
            }
        }

        public void Dispose() => file.Dispose();

        private void ThrowIfCut()
        {
            if (life != owner.life) throw new IOException("The power was cut since this file was opened.");
        }
    }
}
