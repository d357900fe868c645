using System.Globalization;

namespace Scenarios.Harness;

/// <summary>What a process holds, from /proc.</summary>
/// <param name="PeakMb">The most that it ever held.</param>
internal sealed record Resources(double MemoryMb, double PeakMb, int Handles, int Threads)
{
    public static Resources Of(int process)
    {
        var status = File.ReadAllLines($"/proc/{process}/status").Select(l => l.Split(':', 2)).ToDictionary(p => p[0], p => p[1].Trim().Split(' ')[0]);
        return new(
            Mb(status["VmRSS"]), Mb(status["VmHWM"]), Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count(),
            int.Parse(status["Threads"], CultureInfo.InvariantCulture));
    }

    private static double Mb(string kilobytes) => double.Parse(kilobytes, CultureInfo.InvariantCulture) / 1024;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{MemoryMb:F0} MB, {Handles} handles, {Threads} threads");
}
