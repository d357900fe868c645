using System.Diagnostics;
using System.Text;

namespace Scenarios.Harness;

/// <summary>Everything that a program starts, by a mark in its environment: found also where its parent has ended or it has a session of its own.</summary>
internal sealed class Descendants
{
    private const string Variable = "APPLIANCE_TEST_PROGRAM";
    private readonly byte[] mark;

    private Descendants(byte[] mark) => this.mark = mark;

    /// <summary>Marks what is going to be started.</summary>
    public static Descendants Mark(ProcessStartInfo start)
    {
        start.Environment[Variable] = Guid.NewGuid().ToString("n");
        // Compilers that stay as servers would serve others, and hold the output open that is read here.
        (start.Environment["MSBUILDDISABLENODEREUSE"], start.Environment["UseSharedCompilation"]) = ("1", "false");
        return new(Encoding.UTF8.GetBytes($"{Variable}={start.Environment[Variable]}"));
    }

    public void Kill()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out var id)) continue;
            try
            {
                if (File.ReadAllBytes(directory + "/environ").AsSpan().IndexOf(mark) < 0) continue;
                using var left = Process.GetProcessById(id);
                left.Kill();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It is gone by now, or not ours.
            }
        }
    }
}
