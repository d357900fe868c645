using System.CommandLine;
using System.Globalization;
using Appliance.Web;
using Inference.Files;

namespace Appliance.CommandLine;

/// <summary><c>appliance evidence</c>: where a part was found bad.</summary>
internal static class EvidenceCommand
{
    public static Command Create()
    {
        var url = StationClient.Url();
        var sample = new Argument<string>("sample") { Description = "sample id, for example 3-1204" };
        var output = new Option<string?>("--out") { Description = "PNG to write: the picture with what speaks for its verdict laid over it" };
        var command = new Command("evidence", "Says where a part was found NG or UNSURE, and draws it over the picture.") { sample, output, url };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var path = $"/api/v1/samples/{Uri.EscapeDataString(parsed.GetValue(sample)!)}/evidence";
            var said = await client.GetAsync(path, WebJson.Default.EvidenceView);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{said.Sample}: {(said.Of is null ? "unlike anything seen" : $"{said.Of} against {said.Against}")}, strongest at {said.Peak.X:0}, {said.Peak.Y:0} px ({said.Peak.Value:0.00} of {said.Score:0.00})"));
            if (parsed.GetValue(output) is not { } file) return;
            var png = await client.GetBytesAsync(path + ".png");
            try
            {
                WholeFile.Write(LinuxFileSystem.Instance, Path.GetFullPath(file), png);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StationException($"'{file}' cannot be written: {e.Message}");
            }

            Console.WriteLine($"written to {file}");
        }));
        return command;
    }
}
