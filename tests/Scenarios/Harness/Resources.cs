using System.Globalization;

namespace Scenarios.Harness;

/// <summary>What a process holds, from /proc.</summary>
internal sealed record Resources(double MemoryMb, int Handles, int Threads)
{
    public static Resources Of(int process)
    {
        var status = File.ReadAllLines($"/proc/{process}/status").Select(l => l.Split(':', 2)).ToDictionary(p => p[0], p => p[1].Trim().Split(' ')[0]);
        return new(
            double.Parse(status["VmRSS"], CultureInfo.InvariantCulture) / 1024, Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count(),
            int.Parse(status["Threads"], CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{MemoryMb:F0} MB, {Handles} handles, {Threads} threads");
}
