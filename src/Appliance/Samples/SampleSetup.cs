using Appliance.Hosting;
using Appliance.Journal;
using Appliance.Models.MustCatch;
using Inference.Backbones;
using Inference.Embeddings;
using Inference.Files;
using Inference.Packages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Appliance.Samples;

internal static class SampleSetup
{
    /// <summary>Index, pictures, embeddings and labels.</summary>
    public static IServiceCollection AddSamples(this IServiceCollection services, ApplianceOptions options)
    {
        services.AddSingleton(s => new IndexRebuilder(
            SampleFiles.Index(options.StateDirectory), s.GetRequiredService<ILogger<IndexRebuilder>>(), s.GetRequiredService<IFileSystem>(), SampleFiles.IsThere(options.StateDirectory)));
        services.AddSingleton(s =>
        {
            var journal = s.GetRequiredService<StationJournal>();
            var index = s.GetRequiredService<IndexRebuilder>().OpenSoon(journal);
            journal.FactWritten = index.Place.Written;
            return index;
        });
        services.AddSingleton<IndexKeeper>().AddHostedService(s => s.GetRequiredService<IndexKeeper>());
        services.AddSingleton(s => new PictureStore(s.GetRequiredService<IFileSystem>(), SampleFiles.Pictures(options.StateDirectory)));
        services.AddSingleton<Func<EmbeddingFileWriter>>(s => () =>
        {
            var spec = s.GetRequiredService<EmbeddingSpec>();
            return new EmbeddingFileWriter(s.GetRequiredService<IFileSystem>(), SampleFiles.EmbeddingFile(options.StateDirectory, spec.Identity), spec);
        });
        services.AddSingleton<SampleStore>();
        services.AddSingleton<MissingSample>().AddSingleton<LabelDesk>().AddSingleton<UndoDesk>();
        return services;
    }

    /// <summary>Keeps samples while the line runs.</summary>
    public static IServiceCollection AddSampling(this IServiceCollection services, ApplianceOptions options)
    {
        services.AddSingleton(s => new SamplePolicy(s.GetRequiredService<ApplianceOptions>().Sampling, s.GetRequiredService<TimeProvider>(), Random.Shared));
        services.AddSingleton<SampleWriter>().AddHostedService(s => s.GetRequiredService<SampleWriter>());
        services.AddSingleton(s => new ImportEmbedder(() =>
        {
            var spec = s.GetRequiredService<EmbeddingSpec>();
            return BackboneSession.Load(s.GetRequiredService<ModelStore>().BackbonePath(spec.Backbone), spec.Preparation, options.Inspection.Runtime() with { Threads = 1 });
        }));
        services.AddSingleton<ImportDesk>();
        services.AddSingleton<IsProtected>(s => s.GetRequiredService<MustCatchList>().Contains);
        services.AddSingleton(s => new RetentionPlan(s.GetRequiredService<ApplianceOptions>().Retention, s.GetRequiredService<SampleIndex>(), s.GetRequiredService<IsProtected>()));
        services.AddSingleton(s => s.GetRequiredService<ApplianceOptions>().Retention).AddSingleton<VerdictRetention>();
        services.AddSingleton(s => new RetentionClock(
            s.GetRequiredService<IFileSystem>(), Path.Combine(options.StateDirectory, RetentionClock.FileName), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<RetentionClock>>()));
        services.AddSingleton<RetentionWorker>().AddHostedService(s => s.GetRequiredService<RetentionWorker>());
        return services;
    }
}
