using Microsoft.Extensions.Time.Testing;

namespace Appliance.Tests.Samples;

/// <summary>A clock that somebody sets while time goes on as before.</summary>
internal sealed class JumpingTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    /// <summary>How far it is ahead of what it would say.</summary>
    public TimeSpan Jump { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
