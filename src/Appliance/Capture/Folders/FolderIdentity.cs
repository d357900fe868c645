using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Appliance.Capture.Folders;

/// <summary>Which folder a path leads to, by its disk and its place on it: where a disk was mounted and is not, the same path leads to another.</summary>
internal readonly partial record struct FolderIdentity(ulong Disk, ulong Inode)
{
    /// <summary>Null where the system does not say.</summary>
    public static FolderIdentity? Of(string path)
    {
        const int here = -100;
        const uint inode = 0x100;
        // struct statx, the same on all processors.
        Span<byte> seen = stackalloc byte[256];
        return Look(here, path, 0, inode, ref MemoryMarshal.GetReference(seen)) == 0
            ? new(BinaryPrimitives.ReadUInt64LittleEndian(seen[136..]), BinaryPrimitives.ReadUInt64LittleEndian(seen[32..]))
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Look(int directory, string path, int flags, uint mask, ref byte seen);
}
