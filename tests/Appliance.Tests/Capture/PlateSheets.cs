using Appliance.Capture.Simulation;
using OpenCvSharp;

namespace Appliance.Tests.Capture;

/// <summary>For people: pictures of every class, and what a plate costs. Explicit; CONTACT_SHEETS names the folder.</summary>
public sealed class PlateSheets
{
    [Fact(Explicit = true)]
    public void Render_EachClass_FillsAContactSheet()
    {
        var folder = Environment.GetEnvironmentVariable("CONTACT_SHEETS") ?? Path.GetTempPath();
        using var simulator = new PlateSimulator(1);
        foreach (var kind in PlateTruth.Classes)
        {
            var plates = Enumerable.Range(0, 1000).Where(plate => PlateTruth.Of(1, plate) == kind).Take(6).ToArray();
            using var sheet = new Mat(2 * 480, 3 * 640, MatType.CV_8UC1);
            for (var i = 0; i < plates.Length; i++)
            {
                using var cell = new Mat(sheet, new Rect(i % 3 * 640, i / 3 * 480, 640, 480));
                using var picture = new Mat();
                simulator.Render(plates[i], plates[i], picture);
                picture.CopyTo(cell);
            }

            Cv2.ImWrite(Path.Combine(folder, kind + ".png"), sheet);
        }

        using var buffer = new Mat();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < 500; i++) simulator.Render(i, i, buffer);
        File.WriteAllText(Path.Combine(folder, "speed.txt"), $"{clock.Elapsed.TotalMilliseconds / 500:0.00} ms a plate");
    }
}
