using Appliance.Hosting;
using Appliance.Web;

namespace Appliance.Demo;

/// <summary>Everything that the view shows, as of the last look. Owned by the demo's loop.</summary>
internal sealed class DemoScene(Endpoints endpoints, Truth truth, Reconciliation reconciliation, Scoreboard score, VerdictTally tally, string directory)
{
    public const string Station = "demo";

    public Endpoints Endpoints { get; } = endpoints;

    public Truth Truth { get; } = truth;

    public Reconciliation Reconciliation { get; } = reconciliation;

    public Scoreboard Score { get; } = score;

    public VerdictTally Tally { get; } = tally;

    public string Directory { get; } = directory;

    public StatusView? Status { get; private set; }

    public int Labels { get; private set; }

    public TimeSpan Elapsed { get; private set; }

    public string Subscribe => $"mosquitto_sub -h {Endpoints.MqttHost} -p {Endpoints.MqttPort} -V 5 -q 1 -v -t 'inspection/{Station}/#'";

    public string Broker => $"mqtt://{Endpoints.MqttHost}:{Endpoints.MqttPort}";

    public void Take(StatusView status, int labels, TimeSpan elapsed, bool exited)
    {
        if (exited) throw new DemoException("The service ended while the demo ran.");
        (Status, Labels, Elapsed) = (status, labels, elapsed);
    }
}

/// <summary>Shows the scene while the demo plays.</summary>
internal interface IDemoView
{
    /// <summary>Looks again and again until <paramref name="playing"/> has ended; trouble in looking ends the play.</summary>
    Task ShowAsync(Func<Task> look, Task playing, CancellationTokenSource end);
}
