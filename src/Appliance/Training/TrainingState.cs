using Appliance.Journal;

namespace Appliance.Training;

/// <summary>What training is doing and how the last round went. Written by the training worker, read by any thread.</summary>
internal sealed class TrainingState
{
    private volatile TrainingView view = new(null, "", 0, 0, null, null);

    public TrainingView View => view;

    /// <summary>Raised with the outcome of each round, on the training worker's thread.</summary>
    public event Action<string>? Ended;

    public void Begin(string job) => view = view with { Job = job, Phase = "start", Fraction = 0 };

    public void Progress(string phase, double fraction) => view = view with { Phase = phase, Fraction = fraction };

    public void End(TrainingFinished round, RoundTimes times)
    {
        view = new(null, "", 0, view.Rounds + 1, round, times);
        Ended?.Invoke(round.Outcome);
    }
}

/// <param name="Job">Job that runs; null when none does.</param>
/// <param name="Fraction">0..1 of the job.</param>
/// <param name="Rounds">Ended since the start.</param>
/// <param name="Last">How the last one ended; null when none has since the start.</param>
internal sealed record TrainingView(string? Job, string Phase, double Fraction, int Rounds, TrainingFinished? Last, RoundTimes? LastTimes);

/// <summary>Milliseconds of one round: request to job file, trainer process with its own phases, gate, swap, and request to live.</summary>
internal sealed record RoundTimes(double PrepareMs, double TrainerMs, IReadOnlyDictionary<string, double> TrainerPhasesMs, double GateMs, double SwapMs, double TotalMs);
