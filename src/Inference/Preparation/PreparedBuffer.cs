using OpenCvSharp;

namespace Inference.Preparation;

/// <summary>An OpenCV header over memory that belongs to somebody else: OpenCV writes there, and makes nothing of its own while size and type fit.</summary>
internal sealed class PreparedBuffer(IntPtr address, Size size) : IDisposable
{
    public IntPtr Address { get; } = address;

    public Mat Header { get; } = Mat.FromPixelData(size.Height, size.Width, MatType.CV_8UC3, address);

    public void Dispose() => Header.Dispose();
}
