using System.Diagnostics;

namespace Appliance.Tests.Training;

/// <summary>Two pipes in the file system, at which a script says that it runs, and waits to be let on.</summary>
internal sealed class Turnstile
{
    private readonly string entered;
    private readonly string onward;

    public Turnstile(string entered, string onward)
    {
        (this.entered, this.onward) = (entered, onward);
        using var make = Process.Start("mkfifo", [entered, onward]);
        make.Ends();
    }

    public Task EnteredAsync() => File.ReadAllTextAsync(entered, TestContext.Current.CancellationToken);

    public void Open() => File.WriteAllText(onward, "x\n");
}
