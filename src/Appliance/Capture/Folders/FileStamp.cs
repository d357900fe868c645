namespace Appliance.Capture.Folders;

/// <summary>What tells one content of a file from another: when it was written (UTC), and its length in bytes.</summary>
internal readonly record struct FileStamp(DateTime Written, long LengthBytes)
{
    /// <summary>As it is now; of a file that is gone one that no other has.</summary>
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new(file.LastWriteTimeUtc, file.Length) : new(DateTime.MinValue, -1);
    }
}
