using System.Diagnostics.CodeAnalysis;
using OpenCvSharp;

namespace Inference.Preparation;

/// <summary>A picture, or why there is none. The holder owns and disposes the picture.</summary>
public sealed class DecodedPicture : IDisposable
{
    private DecodedPicture(Mat? picture, string? problem)
    {
        Picture = picture;
        Problem = problem;
    }

    /// <summary>[H,W,3] BGR or [H,W,1] grey, 8 bit; null when refused.</summary>
    public Mat? Picture { get; }

    /// <summary>What is wrong with the file, for people; null when there is a picture.</summary>
    public string? Problem { get; }

    [MemberNotNullWhen(true, nameof(Picture))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool Succeeded => Picture is not null;

    public void Dispose() => Picture?.Dispose();

    internal static DecodedPicture Of(Mat picture) => new(picture, null);

    internal static DecodedPicture Refused(string problem) => new(null, problem);
}
