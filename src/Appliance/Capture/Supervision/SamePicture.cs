using OpenCvSharp;

namespace Appliance.Capture.Supervision;

/// <summary>Whether two pictures are the same, bit for bit. The noise of a sensor makes that cheap to deny: the first rows differ.</summary>
internal static class SamePicture
{
    public static unsafe bool Are(Mat one, Mat other)
    {
        if (one.Size() != other.Size() || one.Type() != other.Type()) return false;
        var (rows, width, step, otherStep) = (one.Rows, one.Cols * (int)one.ElemSize(), one.Step(), other.Step());
        for (var row = 0; row < rows; row++)
        {
            var mine = new ReadOnlySpan<byte>(one.DataPointer + row * step, width);
            if (!mine.SequenceEqual(new ReadOnlySpan<byte>(other.DataPointer + row * otherStep, width))) return false;
        }

        return true;
    }
}
