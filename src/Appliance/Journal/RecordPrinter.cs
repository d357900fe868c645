using System.Globalization;
using System.Text;

namespace Appliance.Journal;

/// <summary>Prints the records of a stream from a place on.</summary>
internal sealed class RecordPrinter(string directory, StreamKind kind, bool jsonOnly, TextWriter output, TextWriter error)
{
    /// <returns>0; 1 at damage; 2 for a place that is none.</returns>
    public int Print(string? from)
    {
        ulong index = 0;
        InspectionId id = default;
        var understood = from is null || (kind == StreamKind.Facts
            ? ulong.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out index)
            : InspectionId.TryParse(from, out id));
        if (!understood)
        {
            error.WriteLine($"--from '{from}' is not {(kind == StreamKind.Facts ? "the number of a record" : "an inspection such as 3-1204")}.");
            return 2;
        }
        foreach (var number in SegmentFiles.List(directory))
        {
            using var reader = new SegmentReader(SegmentFiles.PathOf(directory, number));
            SegmentStep step;
            while ((step = reader.Header is null ? SegmentStep.Broken : reader.Next(reader.FileBytes)) == SegmentStep.Record)
            {
                if (reader.Head.Index >= index && reader.Head.Id >= id) PrintRecord(reader);
            }
            if (step != SegmentStep.Broken) continue;
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"'{reader.Path}' is damaged at byte {reader.Offset}: {reader.Problem}. Run 'appliance verify'."));
            return 1;
        }
        return 0;
    }

    private void PrintRecord(SegmentReader reader)
    {
        if (!jsonOnly) output.Write(string.Create(CultureInfo.InvariantCulture, $"{reader.Head.Index} {reader.Head.At:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'} "));
        output.WriteLine(Encoding.UTF8.GetString(reader.Payload.Span));
    }
}
