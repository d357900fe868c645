using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Appliance.Diagnosis;

/// <summary>Whether the kernel knows its clock to be synchronised: the times in records and messages are of it.</summary>
internal static partial class ClockCheck
{
    // struct timex of 64-bit Linux: its status stands behind four longs, and it ends before 256 bytes.
    private const int StatusOffset = 40, SizeBytes = 256, Unsynchronised = 0x40;

    public static Finding Look()
    {
        Span<byte> timex = stackalloc byte[SizeBytes];
        timex.Clear();
        if (Adjust(ref MemoryMarshal.GetReference(timex)) < 0)
            return Finding.Warning("clock", "unknown: the kernel does not say whether it is synchronised", "'timedatectl' may tell. Verdicts do not depend on it; the times written beside them do.");
        return (BinaryPrimitives.ReadInt32LittleEndian(timex[StatusOffset..]) & Unsynchronised) == 0
            ? Finding.Ok("clock", "synchronised, as the kernel says")
            : Finding.Warning("clock", "not synchronised, as the kernel says", "Let chrony or systemd-timesyncd set it from a server of the plant. Verdicts do not depend on it; the times written beside them do.");
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static partial int Adjust(ref byte timex);
}
