using System.Security.Cryptography;

namespace Appliance.Recovery;

/// <summary>The first bytes of a file that may grow, hashed on the way. Read once, from the front.</summary>
internal sealed class PrefixStream(string path, long lengthBytes) : Stream
{
    private readonly FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
    private readonly IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long position;

    public override bool CanRead => true;

    // The archive asks for the length before it reads.
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => lengthBytes;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    /// <summary>Of what was read, lower-case hex.</summary>
    public string Sha256 => Convert.ToHexStringLower(sha.GetCurrentHash());

    /// <exception cref="EndOfStreamException">The file has become shorter.</exception>
    public override int Read(Span<byte> buffer)
    {
        var count = file.Read(buffer[..(int)Math.Min(buffer.Length, lengthBytes - position)]);
        if (count == 0 && position < lengthBytes) throw new EndOfStreamException($"'{path}' became shorter while it was copied.");
        sha.AppendData(buffer[..count]);
        position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
            sha.Dispose();
        }
        base.Dispose(disposing);
    }
}
