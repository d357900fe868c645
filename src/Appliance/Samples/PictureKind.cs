namespace Appliance.Samples;

/// <summary>What kind of picture a file is, by how it begins and not by its name.</summary>
internal static class PictureKind
{
    /// <summary>Its usual extension with the dot; null for what is no picture that is decoded.</summary>
    public static string? ExtensionOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => ".png",
        [0xFF, 0xD8, 0xFF, ..] => ".jpg",
        [(byte)'B', (byte)'M', ..] => ".bmp",
        [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => ".tif",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ".webp",
        _ => null,
    };
}
