namespace Appliance.Messaging;

/// <summary>How long to wait for the next connection: short at first, and long where another client has our id, or the two would throw each other out for ever.</summary>
internal sealed class ReconnectWaits
{
    /// <summary>So many connections in a row that the broker gave and ended at once mean another client of the same id: brokers such as mosquitto 2.0.11 give no reason.</summary>
    public const int ShortLivedLimit = 25;
    private static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstTakenOver = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestTakenOver = TimeSpan.FromMinutes(10);
    private TimeSpan wait = First;
    private TimeSpan takenOver = FirstTakenOver;
    private int shortLived;

    /// <summary>True when the last loss is that of a client whose id another one uses.</summary>
    public bool IsTakenOver { get; private set; }

    /// <param name="lived">How long the connection stood; null when there was none.</param>
    public TimeSpan Next(BrokerLostException lost, TimeSpan? lived)
    {
        // A refusal has a reason of its own, and it is we who ended that connection.
        shortLived = lived < ShortLife && !lost.IsTimeout && !lost.IsRefusal ? shortLived + 1 : 0;
        IsTakenOver = lost.IsTakenOver || shortLived >= ShortLivedLimit;
        if (IsTakenOver)
        {
            var now = takenOver;
            takenOver = Least(takenOver * 2, LongestTakenOver);
            return Spread(now);
        }

        if (shortLived == 0 && lived is not null) takenOver = FirstTakenOver;
        wait = lived is not null && !lost.IsRefusal ? First : Least(wait * 2, Longest);
        return Spread(wait);
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    // Stations that lost one broker together come back one after another.
    private static TimeSpan Spread(TimeSpan wait) => wait * (0.75 + (Random.Shared.NextDouble() / 2));
}
