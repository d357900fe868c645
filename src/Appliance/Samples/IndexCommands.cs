using System.CommandLine;
using System.Globalization;
using Appliance.Journal;
using Inference.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Samples;

/// <summary><c>appliance index rebuild</c>: makes the index anew from the journal, while the service does not run.</summary>
internal static class IndexCommands
{
    public static Command Create() => new("index", "The index over samples, labels and models; made from the journal.") { Rebuild() };

    private static Command Rebuild()
    {
        var state = JournalCommands.StateOption();
        var command = new Command("rebuild", "Make the index anew and check that pictures and embeddings are there. The service must not run. Exit code 0: done and complete, 1: failed, or something is missing, 2: no journal there.") { state };
        command.SetAction(parsed =>
        {
            var directory = parsed.GetValue(state)!.FullName;
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var factsDirectory = SegmentFiles.Directory(directory, StreamKind.Facts);
            if (!Directory.Exists(factsDirectory))
            {
                error.WriteLine($"There is no journal in '{directory}'. Give the state directory of a station with --state.");
                return 2;
            }
            try
            {
                using var owned = StateLock.Take(directory);
                return Run(directory, factsDirectory, output, error);
            }
            catch (JournalException e)
            {
                error.WriteLine(e.Message);
                return 1;
            }
        });
        return command;
    }

    private static int Run(string state, string factsDirectory, TextWriter output, TextWriter error)
    {
        IEnumerable<Fact> Facts() => FactReader.Read(factsDirectory).Select(r => r.Fact);
        using (var index = new IndexRebuilder(SampleFiles.Index(state), NullLogger.Instance).Rebuild(Facts()))
        {
            var counts = index.CountByLabel();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{counts.Values.Sum()} samples, {counts.Where(c => c.Key.Length > 0).Sum(c => c.Value)} labelled"));
        }
        var audit = SampleAudit.Run(Facts(), new PictureStore(LinuxFileSystem.Instance, SampleFiles.Pictures(state)), SampleFiles.Embeddings(state));
        foreach (var sample in audit.MissingPictures) error.WriteLine($"sample {sample}: its picture is missing");
        foreach (var sample in audit.MissingRows) error.WriteLine($"sample {sample}: its embedding is missing");
        return audit.MissingPictures.Count + audit.MissingRows.Count == 0 ? 0 : 1;
    }
}
