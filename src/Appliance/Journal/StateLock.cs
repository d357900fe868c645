using System.Globalization;

namespace Appliance.Journal;

/// <summary>Exclusive ownership of a state directory (flock on its file <c>lock</c>); ends with the process at the latest.</summary>
internal sealed class StateLock : IDisposable
{
    private readonly FileStream file;

    private StateLock(FileStream file) => this.file = file;

    /// <exception cref="JournalException">Another process has it.</exception>
    public static StateLock Take(string state)
    {
        Directory.CreateDirectory(state);
        var path = Path.Combine(state, "lock");
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            // Beside it, because a locked file cannot be read either.
            File.WriteAllText(path + ".owner", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new StateLock(file);
        }
        catch (IOException e)
        {
            throw new JournalException(
                $"State directory '{state}' is in use by another process ({Owner(path)}). Stop that service first, or let it do the work.", e);
        }
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
