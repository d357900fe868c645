namespace Appliance.Journal;

/// <summary>The journal cannot be read, or cannot take a record. The message names the file, the place and what to do.</summary>
internal sealed class JournalException : Exception
{
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    public JournalException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>It was written, and nobody knows whether it will be there: it must not be called refused.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>Whether room on the disk is all that is missing.</summary>
    public bool IsDiskFull => InnerException is IOException { HResult: NoSpaceLeft or QuotaExceeded } or JournalException { IsDiskFull: true };
}
