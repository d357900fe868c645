using Appliance.Journal;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>Examines a whole state directory: journal first, because it says what else must be there.</summary>
internal static class StateExamination
{
    /// <summary>Changes nothing; may be done while the service runs, but for the index, which is then left out.</summary>
    /// <exception cref="JournalException">There is no journal that could be read at all, or one of a newer version, or a restore was cut off.</exception>
    public static StateReport Look(IFileSystem files, string state, TimeProvider time, Progress progress)
    {
        RestoreMark.Check(state);
        JournalHeaders.RefuseNewer(state);
        using var exam = new Examination(state, null, files, time, progress);
        return Run(exam, checkIndex: !StateLock.IsHeld(state));
    }

    /// <summary>Puts right what can be put right and names the rest in the journal. Nothing is deleted but what was never finished, and the index, which is made anew.</summary>
    /// <exception cref="JournalException">The state directory is in use, has no journal that could be read at all, or one of a newer version, or a restore was cut off.</exception>
    /// <exception cref="IOException">The disk takes nothing; may be done again.</exception>
    public static StateReport Repair(IFileSystem files, string state, TimeProvider time, Progress progress)
    {
        using var owned = StateLock.Take(state);
        RestoreMark.Check(state);
        JournalHeaders.RefuseNewer(state);
        using var exam = new Examination(state, new Quarantine(files, state, time.GetUtcNow()), files, time, progress);
        var report = Run(exam, checkIndex: true);
        // Without all facts it would be made of less than it holds.
        if (exam.Quarantine is null) return report;
        progress.Say($"index");
        IndexExamination.Rebuild(files, state);
        return report;
    }

    private static StateReport Run(Examination exam, bool checkIndex)
    {
        var unfinished = UnfinishedFiles.Run(exam);
        var (facts, verdicts) = JournalExamination.Run(exam);
        EmbeddingExamination.Run(exam);
        int samples;
        using (var examination = new SampleExamination(exam)) samples = examination.Run();
        exam.Write();
        var models = ModelExamination.Run(exam);
        exam.Write();
        if (checkIndex) IndexExamination.Run(exam);
        return new StateReport(exam.Station, exam.Quarantine is not null, facts, verdicts, samples, models, unfinished, checkIndex, exam.Findings);
    }
}
