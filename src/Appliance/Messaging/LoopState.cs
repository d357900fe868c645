namespace Appliance.Messaging;

/// <summary>What the station knows of its way through the broker and back.</summary>
/// <param name="State">
/// <c>closed</c>: the last probe came back. <c>unknown</c>: none was sent yet. <c>refused</c>: the broker forbids the topic. <c>silent</c>: it
/// acknowledges probes and delivered none on this connection.
/// </param>
/// <param name="RoundTripMs">Of the last probe that came back on this connection, from publish to arrival.</param>
internal sealed record LoopState(string State, double? RoundTripMs = null)
{
    public static LoopState None { get; } = new("unknown");
}
