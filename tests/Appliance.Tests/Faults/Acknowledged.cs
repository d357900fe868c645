using System.Collections.Concurrent;
using Appliance.Journal;

namespace Appliance.Tests.Faults;

/// <summary>What a station has confirmed, over all its lives. Safe for several threads.</summary>
internal sealed class Acknowledged
{
    public ConcurrentQueue<(InspectionId Id, string Json)> Verdicts { get; } = new();

    /// <summary>Sample and label.</summary>
    public ConcurrentQueue<(string Sample, string Label)> Labels { get; } = new();

    public ConcurrentQueue<string> Promotions { get; } = new();

    public ConcurrentQueue<string> Triggers { get; } = new();
}
