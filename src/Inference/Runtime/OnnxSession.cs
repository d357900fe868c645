using Microsoft.ML.OnnxRuntime;

namespace Inference.Runtime;

/// <summary>Makes sessions on the best execution provider that works.</summary>
internal static class OnnxSession
{
    /// <summary>Makes a session and says which provider it got.</summary>
    /// <param name="what">Names the network in errors.</param>
    /// <param name="make">Makes the session from the options.</param>
    /// <param name="batch">N, rows of one run.</param>
    /// <exception cref="NetworkException">No provider can run it.</exception>
    public static (InferenceSession Session, ProviderChoice Provider) Open(string what, RuntimeOptions options, Func<SessionOptions, InferenceSession> make, int batch = 1) =>
        Open(what, options, make, ExecutionProviders.In(OrtEnv.Instance().GetAvailableProviders()), batch);

    internal static (InferenceSession Session, ProviderChoice Provider) Open(
        string what, RuntimeOptions options, Func<SessionOptions, InferenceSession> make, IEnumerable<ExecutionProviders.Candidate> candidates, int batch = 1)
    {
        if (options.Threads is < 1 or > RuntimeOptions.MaxThreads)
            throw new ArgumentOutOfRangeException(nameof(options), $"Threads is {options.Threads}; 1 to {RuntimeOptions.MaxThreads} are possible.");
        List<string> passedOver = [];
        foreach (var candidate in candidates)
        {
            if (candidate.IsAccelerator && !options.AllowAccelerator) continue;
            try
            {
                using var sessionOptions = Options(options, batch);
                candidate.Append(sessionOptions);
                return (make(sessionOptions), new ProviderChoice(candidate.Name, passedOver));
            }
            catch (Exception exception) when (candidate.IsAccelerator && exception is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
            {
                passedOver.Add($"{candidate.Name}: {exception.Message}");
            }
            catch (OnnxRuntimeException exception)
            {
                throw NetworkException.Refuse(what, exception.Message, exception);
            }
        }

        throw NetworkException.Refuse(what, $"no execution provider is left ({string.Join("; ", passedOver)}).");
    }

    private static SessionOptions Options(RuntimeOptions options, int batch)
    {
        var made = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = options.Threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        made.AddSessionConfigEntry("session.intra_op.allow_spinning", options.AllowSpinning ? "1" : "0");
        // With the batch fixed, every shape in the graph is known when it is optimised.
        made.AddFreeDimensionOverrideByName("N", batch);
        return made;
    }
}
