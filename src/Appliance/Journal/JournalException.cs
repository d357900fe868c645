namespace Appliance.Journal;

/// <summary>The journal cannot be read, or cannot take a record. The message names the file, the place and what to do.</summary>
internal sealed class JournalException : Exception
{
    public JournalException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
