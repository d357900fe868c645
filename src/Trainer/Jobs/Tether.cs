using System.Diagnostics;

namespace Trainer.Jobs;

/// <summary>
/// Ends this process when whoever started it is gone, however it went: its end of our standard input closes with it. A killed service would leave a trainer
/// behind that works for nobody beside the one of the next service. (A signal at the parent's death follows the thread that started us, which may end before.)
/// </summary>
internal static class Tether
{
    public static void Attach() => new Thread(() =>
    {
        var input = Console.OpenStandardInput();
        var ignored = new byte[256];
        while (input.Read(ignored) > 0)
        {
        }

        // At once: what is unfinished belongs to a job that nobody waits for, and its directory goes at the next start of the service.
        Process.GetCurrentProcess().Kill();
    }) { IsBackground = true, Name = "tether" }.Start();
}
