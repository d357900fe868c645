using Appliance.Journal;
using Inference.Files;

namespace Appliance.Recovery;

/// <summary>Examines a whole state directory: journal first, because it says what else must be there.</summary>
internal static class StateExamination
{
    /// <summary>Changes nothing; may be done while the service runs, but for the index, which is then left out.</summary>
    /// <exception cref="JournalException">There is no journal that could be read at all.</exception>
    public static StateReport Look(string state, TimeProvider time, Progress progress)
    {
        var exam = new Examination(state, null, LinuxFileSystem.Instance, time, progress);
        return Run(exam, checkIndex: !StateLock.IsHeld(state));
    }

    /// <summary>Puts right what can be put right and names the rest in the journal. Nothing is deleted, but the index, which is made anew.</summary>
    /// <exception cref="JournalException">The state directory is in use, or has no journal that could be read at all.</exception>
    public static StateReport Repair(string state, TimeProvider time, Progress progress)
    {
        using var owned = StateLock.Take(state);
        var files = LinuxFileSystem.Instance;
        var exam = new Examination(state, new Quarantine(files, state, time.GetUtcNow()), files, time, progress);
        var report = Run(exam, checkIndex: true);
        if (exam.Told.Count > 0) OfflineJournal.Append(files, state, report.Station, exam.Told, time);
        progress.Say($"index");
        IndexExamination.Rebuild(state, FactReader.Read(SegmentFiles.Directory(state, StreamKind.Facts)).Select(r => r.Fact));
        return report;
    }

    private static StateReport Run(Examination exam, bool checkIndex)
    {
        var (station, facts, verdicts) = JournalExamination.Run(exam);
        EmbeddingExamination.Run(exam);
        int samples;
        using (var examination = new SampleExamination(exam)) samples = examination.Run();
        var models = ModelExamination.Run(exam);
        if (checkIndex) IndexExamination.Run(exam);
        return new StateReport(station, exam.Quarantine is not null, facts, verdicts, samples, models, checkIndex, exam.Findings);
    }
}
