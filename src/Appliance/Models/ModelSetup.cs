using Appliance.Hosting;
using Appliance.Models.MustCatch;
using Appliance.Models.Shadows;
using Appliance.Samples;
using Inference.Backbones;
using Inference.Embeddings;
using Inference.Files;
using Inference.Packages;
using Inference.Slots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Appliance.Models;

internal static class ModelSetup
{
    /// <summary>Backbone, store, slot, and the owner of promotions. The backbone is kept in the state directory, so that a new program version does not take it from kept models.</summary>
    public static IServiceCollection AddModels(this IServiceCollection services, ApplianceOptions options)
    {
        services.AddSingleton(s => new ModelStore(s.GetRequiredService<IFileSystem>(), options.StateDirectory));
        services.AddSingleton(s =>
        {
            var store = s.GetRequiredService<ModelStore>();
            var path = store.BackbonePath(store.AddBackbone(options.Inspection.Backbone));
            var backbone = BackboneSession.LoadForRegion(path, options.Inspection.Region?.ToRegion(), options.Inspection.Runtime());
            s.GetRequiredService<ILogger<BackboneSession>>().BackboneLoaded(backbone.Info.Architecture, backbone.Info.WidthPx, backbone.Info.HeightPx, backbone.Provider.ToString());
            return backbone;
        });
        services.AddSingleton(s => s.GetRequiredService<BackboneSession>().Embedding);
        services.AddSingleton(s => new ModelSlot(s.GetRequiredService<BackboneSession>().Embedding, options.Inspection.Runtime()));
        services.AddSingleton<LiveModel>().AddSingleton<ModelDesk>().AddSingleton<MustCatchList>().AddSingleton<MustCatchGuard>();
        // A slot of its own: what lies in it judges beside the live model and has no say.
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<ShadowPeriod>(s, new ModelSlot(s.GetRequiredService<BackboneSession>().Embedding, options.Inspection.Runtime())));
        services.AddSingleton(s => new LabelledEvidence(s.GetRequiredService<SampleIndex>(), s.GetRequiredService<EmbeddingSpec>(), options.StateDirectory));
        return services;
    }

    /// <summary>Ends shadow periods while the line runs.</summary>
    public static IServiceCollection AddShadows(this IServiceCollection services) => services.AddHostedService<ShadowWorker>();
}
