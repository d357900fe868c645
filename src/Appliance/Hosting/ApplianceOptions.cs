using Appliance.Capture;
using Appliance.Disk;
using Appliance.Inspection;
using Appliance.Messaging;
using Appliance.Samples;
using Appliance.Settings;
using Appliance.Telemetry;
using Appliance.Training;
using Appliance.Web;

namespace Appliance.Hosting;

/// <summary>Everything in <c>appliance.json</c>. The environment goes over it, and <c>--set</c> over both.</summary>
internal sealed class ApplianceOptions
{
    /// <summary>Name of this station in every topic and record: 1 to 64 letters, digits, dashes, underscores.</summary>
    public string Station { get; set; } = "station1";

    /// <summary>Where journal, pictures, embeddings and models live; a relative path starts at the configuration file.</summary>
    public string StateDirectory { get; set; } = "state";

    /// <summary>Address of the HTTP interface. Loopback unless told otherwise; port 0 takes a free one. Requests from another machine need a key, see <c>appliance keys</c>.</summary>
    public string Listen { get; set; } = "http://127.0.0.1:8080";

    /// <summary>The product being made, named in every verdict and sample that no trigger names otherwise.</summary>
    [Reloadable]
    public string Recipe { get; set; } = "default";

    /// <summary>The label that means a good part.</summary>
    public string GoodClass { get; set; } = "good";

    public List<CameraOptions> Cameras { get; set; } = [];

    public HttpOptions Http { get; set; } = new();

    public InspectionOptions Inspection { get; set; } = new();

    public MqttOptions Mqtt { get; set; } = new();

    public SamplingOptions Sampling { get; set; } = new();

    public RetentionOptions Retention { get; set; } = new();

    public DiskOptions Disk { get; set; } = new();

    public TrainingOptions Training { get; set; } = new();

    public LoggingOptions Logging { get; set; } = new();

    public TelemetryOptions Telemetry { get; set; } = new();
}
