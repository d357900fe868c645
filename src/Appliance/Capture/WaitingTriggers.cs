namespace Appliance.Capture;

/// <summary>What waits for a trigger that has its verdict has no place in a queue any more.</summary>
internal static class WaitingTriggers
{
    /// <summary>Takes it out, and hands it to who must let it go.</summary>
    public static void DropOver<T>(this LinkedList<T> waiting, Func<T, TriggerRequest?> trigger, Action<T>? dropped = null)
    {
        for (var node = waiting.First; node is not null;)
        {
            var (one, next) = (node, node.Next);
            node = next;
            if (trigger(one.Value) is not { Progress.IsOver: true }) continue;
            waiting.Remove(one);
            dropped?.Invoke(one.Value);
        }
    }
}
