using System.Diagnostics;
using System.Globalization;
using Appliance.Hosting;
using Appliance.Journal;
using Inference.Backbones;
using Inference.Files;
using Inference.Packages;
using Inference.Runtime;

namespace Appliance.Diagnosis;

/// <summary>Loads the backbone and runs it, and reads the package of the model that was live, while no service does.</summary>
internal static class ModelCheck
{
    private const int Runs = 5;

    public static IEnumerable<Finding> Look(ApplianceOptions options)
    {
        yield return Backbone(options, out var provider);
        if (provider is not null) yield return Accelerator(provider);
        yield return Live(options);
    }

    private static Finding Backbone(ApplianceOptions options, out ProviderChoice? provider)
    {
        provider = null;
        try
        {
            using var backbone = BackboneSession.LoadForRegion(options.Inspection.Backbone, options.Inspection.Region?.ToRegion(), options.Inspection.Runtime());
            provider = backbone.Provider;
            backbone.Run();
            var times = new List<TimeSpan>();
            for (var i = 0; i < Runs; i++)
            {
                var start = Stopwatch.GetTimestamp();
                backbone.Run();
                times.Add(Stopwatch.GetElapsedTime(start));
            }

            times.Sort();
            return Finding.Ok("backbone", string.Create(
                CultureInfo.InvariantCulture, $"{backbone.Info.Architecture} at {backbone.Info.WidthPx} x {backbone.Info.HeightPx}: {times[Runs / 2].TotalMilliseconds:F2} ms a run, the median of {Runs}"));
        }
        catch (NetworkException e)
        {
            return Finding.Failed("backbone", e.Message, "Correct Inspection:Backbone, or make the file with 'trainer backbone'.");
        }
    }

    private static Finding Accelerator(ProviderChoice provider)
    {
        var present = string.Join(", ", ExecutionProviders.Present);
        return provider.PassedOver.Count == 0
            ? Finding.Ok("accelerator", $"runs on {provider.Name}; this build can use {present}")
            : Finding.Warning("accelerator", $"runs on {provider}", "Install the driver and libraries that it names, or leave it: the processor does the work.");
    }

    private static Finding Live(ApplianceOptions options)
    {
        if (JournalHeaders.Newer(options.StateDirectory) is not null) return Finding.Failed("model", "the journal that names it is of a newer version", "Use that version, or another state directory.");
        try
        {
            var facts = SegmentFiles.Directory(options.StateDirectory, StreamKind.Facts);
            if (FactReader.Only<ModelPromoted>(facts).LastOrDefault() is not { } live)
                return Finding.Warning("model", "there is none yet: every part is UNSURE", "Label samples, then 'appliance train'.");
            new ModelStore(LinuxFileSystem.Instance, options.StateDirectory).Read(live.Model);
            return Finding.Ok("model", $"{live.Model[..12]}, promoted by {live.By}, is whole");
        }
        catch (Exception e) when (e is PackageException or JournalException or IOException or UnauthorizedAccessException)
        {
            return Finding.Failed("model", e.Message, $"'appliance verify --state {options.StateDirectory}' says what is damaged; 'appliance repair' puts right what it can.");
        }
    }
}
