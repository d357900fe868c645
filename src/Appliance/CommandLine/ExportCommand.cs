using System.CommandLine;
using System.Text;
using System.Text.Json;
using Appliance.Exchange;
using Appliance.Recovery;
using Appliance.Samples;
using Appliance.Web;
using Inference.Files;

namespace Appliance.CommandLine;

internal static class ExportCommand
{
    private const int Page = 200;
    private static readonly string[] Heading = ["file", "class", "part", "by", "at", "history", "sample", "verdict", "why", "camera", "recipe", "grabbedAt", "model"];

    public static Command Create()
    {
        var url = StationClient.Url();
        var directory = new Argument<DirectoryInfo>("folder") { Description = "where to; a new folder or an empty one" };
        var command = new Command("export", $"Writes every labelled sample into class folders, and {ImportFolder.ListName} with parts, labels and their history last. 'appliance import' takes it.") { directory, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, client => RunAsync(client, parsed.GetValue(directory)!.FullName)));
        return command;
    }

    private static async Task RunAsync(StationClient client, string directory)
    {
        if (File.Exists(directory) || (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any()))
            throw new StationException($"{directory} is not empty. An export is never mixed with what is there; name another folder. One without {ImportFolder.ListName} was cut off.");
        var (files, progress, list) = (LinuxFileSystem.Instance, new Progress(Console.Error), new StringBuilder(Csv.Line(Heading)));
        var (written, missing) = (0, 0);
        files.CreateDirectory(directory);
        await foreach (var sample in SamplesAsync(client))
        {
            if (sample.Picture is null || await client.TryGetFileAsync(sample.Picture) is not { } bytes)
            {
                missing++;
                await Console.Error.WriteLineAsync($"{sample.Sample}: its picture is gone");
                continue;
            }

            var file = Path.Combine(ClassFolder.NameOf(sample.Label!), sample.Sample + (PictureKind.ExtensionOf(bytes) ?? ".bin"));
            files.CreateDirectory(Path.Combine(directory, Path.GetDirectoryName(file)!));
            WholeFile.Write(files, Path.Combine(directory, file), bytes);
            list.Append(Csv.Line(Fields(sample, file)));
            progress.Say($"{++written} samples");
        }

        WholeFile.Write(files, Path.Combine(directory, ImportFolder.ListName), Encoding.UTF8.GetBytes(list.ToString()));
        Console.WriteLine($"{written} samples in {directory}{(missing > 0 ? $"; {missing} have no picture" : "")}");
        if (missing > 0) throw new StationException("Not all of it was exported.");
    }

    private static string?[] Fields(SampleView s, string file)
    {
        List<ImportedLabel> history = [.. s.History.Where(h => h.Undone is null).Select(h => new ImportedLabel(h.Label, h.By, h.At))];
        return
        [
            file, s.Label, s.Part, s.LabelledBy, s.LabelledAt?.UtcDateTime.ToString("O"), JsonSerializer.Serialize(history.TakeLast(ImportRequest.MostLabels).ToList(), WebJson.Default.ListImportedLabel),
            s.Sample, s.Verdict, s.Why, s.Camera, s.Recipe, s.GrabbedAt.UtcDateTime.ToString("O"), s.Model,
        ];
    }

    private static async IAsyncEnumerable<SampleView> SamplesAsync(StationClient client)
    {
        var before = "";
        while (true)
        {
            var page = await client.GetAsync($"/api/v1/samples?limit={Page}{before}", WebJson.Default.SamplePage);
            foreach (var sample in page.Samples.Where(s => s.Label is not null)) yield return sample;
            if (page.Samples.Count < Page) yield break;
            before = "&before=" + page.Samples[^1].Sample;
        }
    }
}
