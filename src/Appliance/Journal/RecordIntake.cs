namespace Appliance.Journal;

/// <summary>Where records go into one stream: on a full disk in the room of the reserve. Remembers why the last one was not taken, until one is. Safe for several threads.</summary>
internal sealed class RecordIntake(JournalStream stream, JournalReserve reserve)
{
    private volatile string? refusal;

    /// <summary>Null while records are taken; otherwise why not, as far as the last attempt told.</summary>
    public string? Trouble => stream.Failure?.Message ?? refusal;

    /// <summary>Writes one record; durable only after the stream's sync.</summary>
    /// <exception cref="JournalException">It was not written, and no part of it stays.</exception>
    public void Append(RecordType type, InspectionId id, ReadOnlySpan<byte> payload)
    {
        while (true)
        {
            try
            {
                stream.Append(type, id, payload);
                refusal = null;
                return;
            }
            catch (JournalException e)
            {
                if (stream.Failure is not null || !MakesRoom(e)) throw Refused(e);
            }
        }
    }

    /// <summary>Reopens the stream where it has failed, and finds out whether it takes records.</summary>
    /// <exception cref="JournalException">It does not; may be tried again.</exception>
    public void Mend()
    {
        while (Trouble is not null)
        {
            try
            {
                stream.Reopen();
                stream.Probe();
                refusal = null;
            }
            catch (JournalException e)
            {
                if (!MakesRoom(e)) throw Refused(e);
            }
        }
    }

    // Tried again in what the reserve gives up.
    private bool MakesRoom(JournalException e) => e.IsDiskFull && reserve.TryRelease();

    private JournalException Refused(JournalException e)
    {
        if (e.InnerException is not null) refusal = e.Message;
        return e;
    }
}
