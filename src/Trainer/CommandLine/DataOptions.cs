using System.CommandLine;
using Inference.Preparation;
using Trainer.DataSets;

namespace Trainer.CommandLine;

/// <summary>The options that name a data set, shared by the commands that read one.</summary>
internal sealed class DataOptions
{
    public Option<string> Data { get; } = new("--data") { Description = "Folder with one folder a class.", Required = true };

    public Option<string?> Parts { get; } = new("--parts") { Description = "CSV file,class,part: photographs of one part stay together. Default: parts.csv in the folder, where there is one." };

    public Option<bool> Json { get; } = new("--json") { Description = "One line of JSON on standard output." };

    public void AddTo(Command command)
    {
        command.Add(Data);
        command.Add(Parts);
        command.Add(Json);
    }

    /// <summary>Reads and embeds; progress and skipped pictures go to standard error.</summary>
    public EmbeddedDataSet Embed(ParseResult parsed, string backbone, PreparationSpec? preparation)
    {
        var data = FolderDataSet.Read(parsed.GetRequiredValue(Data), parsed.GetValue(Parts));
        var embedded = FolderEmbedder.Embed(data, backbone, preparation, (done, all) =>
        {
            if (done % 100 == 0 || done == all) Console.Error.WriteLine($"{done} of {all} pictures");
        });
        foreach (var skipped in embedded.Skipped) Console.Error.WriteLine($"skipped {skipped}");
        return embedded;
    }
}
