using System.Globalization;

namespace Appliance.Journal;

/// <summary>Exclusive ownership of a state directory (flock on its file <c>lock</c>); ends with the process at the latest.</summary>
internal sealed class StateLock : IDisposable
{
    private const int WouldBlock = 11;
    private readonly FileStream file;

    private StateLock(FileStream file) => this.file = file;

    /// <exception cref="JournalException">Another process has it, or the disk does not let it be locked.</exception>
    public static StateLock Take(string state)
    {
        var path = Path.Combine(state, "lock");
        FileStream file;
        try
        {
            Directory.CreateDirectory(state);
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new JournalException(
                $"State directory '{state}' is in use by another process ({Owner(path)}). Stop that service first, or let it do the work.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalException($"State directory '{state}' cannot be locked: {e.Message} Free space or repair the disk.", e);
        }
        TellOwner(path);
        return new StateLock(file);
    }

    /// <summary>Whether a process has the state directory. Changes nothing.</summary>
    public static bool IsHeld(string state)
    {
        var path = Path.Combine(state, "lock");
        if (!File.Exists(path)) return false;
        try
        {
            using var shared = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => file.Dispose();

    // Beside it, because a locked file cannot be read either. For people only: on a full disk it stays empty.
    private static void TellOwner(string path)
    {
        try
        {
            File.WriteAllText(path + ".owner", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static string Owner(string path)
    {
        try
        {
            return "process " + File.ReadAllText(path + ".owner");
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
