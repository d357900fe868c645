using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Appliance.Tests.Hosting;

/// <summary>A logger that keeps what was said, and lets a test wait for an event.</summary>
internal sealed class LogEvents<T> : ILogger<T>
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> said = new();
    private volatile TaskCompletionSource news = New();

    public IEnumerable<string> At(LogLevel level) => said.Where(s => s.Level == level).Select(s => s.Text);

    /// <summary>Waits until an event was said so many times since the start.</summary>
    public async Task SaidAsync(int id, int times = 1)
    {
        while (true)
        {
            var next = news;
            if (said.Count(s => s.Id == id) >= times) return;
            await next.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        said.Enqueue((logLevel, eventId.Id, formatter(state, exception)));
        Interlocked.Exchange(ref news, New()).TrySetResult();
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
