using System.Diagnostics;

namespace Appliance.Recovery;

/// <summary>Says on the error stream what is being done, once that takes longer than two seconds. One thread.</summary>
internal sealed class Progress(TextWriter error)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private long said = Stopwatch.GetTimestamp();

    public void Say(FormattableString what)
    {
        if (Stopwatch.GetElapsedTime(said) < Every) return;
        said = Stopwatch.GetTimestamp();
        error.WriteLine(FormattableString.Invariant(what));
    }
}
