using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Testing.Waiting;

/// <summary>Waiting for what no event tells. Never without a limit: a test that waits for ever holds up all others, and nobody learns for what.</summary>
internal static class Until
{
    /// <summary>More than anything takes on a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>The test's cancellation, which comes after the limit at the latest.</summary>
    public static CancellationToken Cancellation
    {
        get
        {
            var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(Limit);
            return limit.Token;
        }
    }

    /// <summary>Yields until the condition holds; fails with it when it does not within the limit.</summary>
    public static async Task HoldsAsync(Func<bool> condition, TimeSpan? limit = null, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Pass(began, limit, what);
            await Task.Yield();
        }
    }

    /// <summary>Does something again and again, a thread's work of its own, until the condition holds.</summary>
    public static void Holds(Func<bool> condition, Action again, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var began = Stopwatch.GetTimestamp();
        while (!SpinWait.SpinUntil(condition, 5))
        {
            Pass(began, null, what);
            again();
        }
    }

    /// <summary>Does something again and again until the condition holds.</summary>
    public static async Task HoldsAsync(Func<bool> condition, Func<Task> again, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Pass(began, null, what);
            await again().WaitAsync(Limit);
        }
    }

    private static void Pass(long began, TimeSpan? limit, string what)
    {
        TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        if (Stopwatch.GetElapsedTime(began) > (limit ?? Limit)) Assert.Fail($"Not within {limit ?? Limit}: {what}");
    }
}
