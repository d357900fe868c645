namespace Appliance.Journal;

/// <summary>Finds the one bit whose flip makes bytes what they were. The caller's check must be one that chance does not pass, such as a hash.</summary>
internal static class SingleBit
{
    /// <summary>True with the bit flipped back; false with the bytes as they were.</summary>
    public static bool TryMend(byte[] bytes, int offset, int count, Func<bool> isSound)
    {
        for (var i = offset; i < offset + count; i++)
        {
            for (var bit = 1; bit <= 0x80; bit <<= 1)
            {
                bytes[i] ^= (byte)bit;
                if (isSound()) return true;
                bytes[i] ^= (byte)bit;
            }
        }
        return false;
    }
}
