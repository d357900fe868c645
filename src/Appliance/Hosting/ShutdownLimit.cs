namespace Appliance.Hosting;

/// <summary>
/// Ends the process when its orderly stop hangs: in a disk that does not answer, in a driver, in native code. The journal is made for an end at any
/// moment; a service manager that waits in vain would only end it later, and harder. On a thread of its own, since the pool's may all hang.
/// </summary>
internal sealed class ShutdownLimit : IDisposable
{
    /// <summary>Of the host's orderly stop.</summary>
    public static readonly TimeSpan Orderly = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Disposal = TimeSpan.FromSeconds(5);
    private readonly ManualResetEventSlim ended = new();

    /// <summary>The time runs from now.</summary>
    public void Begin() => new Thread(Wait) { IsBackground = true, Name = "shutdown limit" }.Start();

    public static void End(string what)
    {
        Console.Error.WriteLine($"{what} did not end within {Orderly.TotalSeconds:0} s of the stop; the process ends without it. What it had not recorded is named at the next start.");
        Environment.Exit(1);
    }

    public void Dispose() => ended.Set();

    private void Wait()
    {
        if (!ended.Wait(Orderly + Disposal)) End("The station");
    }
}
