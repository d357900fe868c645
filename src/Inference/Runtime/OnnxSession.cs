using Microsoft.ML.OnnxRuntime;

namespace Inference.Runtime;

/// <summary>Makes sessions on the best execution provider that works.</summary>
internal static class OnnxSession
{
    /// <summary>Makes a session and says which provider it got.</summary>
    /// <param name="what">Names the network in errors.</param>
    /// <param name="make">Makes the session from the options.</param>
    /// <exception cref="NetworkException">No provider can run it.</exception>
    public static (InferenceSession Session, ProviderChoice Provider) Open(string what, RuntimeOptions options, Func<SessionOptions, InferenceSession> make) =>
        Open(what, options, make, ExecutionProviders.In(OrtEnv.Instance().GetAvailableProviders()));

    internal static (InferenceSession Session, ProviderChoice Provider) Open(
        string what, RuntimeOptions options, Func<SessionOptions, InferenceSession> make, IEnumerable<ExecutionProviders.Candidate> candidates)
    {
        if (options.Threads is < 1 or > RuntimeOptions.MaxThreads)
            throw new ArgumentOutOfRangeException(nameof(options), $"Threads is {options.Threads}; 1 to {RuntimeOptions.MaxThreads} are possible.");
        List<string> passedOver = [];
        foreach (var candidate in candidates)
        {
            if (candidate.IsAccelerator && !options.AllowAccelerator) continue;
            try
            {
                using var sessionOptions = Options(options);
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

    private static SessionOptions Options(RuntimeOptions options)
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
        // One picture at a time: with the batch fixed, every shape in the graph is known when it is optimised.
        made.AddFreeDimensionOverrideByName("N", 1);
        return made;
    }
}
