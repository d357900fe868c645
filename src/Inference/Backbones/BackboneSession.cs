using System.Security.Cryptography;
using Inference.Embeddings;
using Inference.Evidence;
using Inference.Packages;
using Inference.Preparation;
using Inference.Runtime;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Backbones;

/// <summary>
/// A backbone that is loaded: <c>image</c> uint8 [1,H,W,3] in, <c>embedding</c> float [1,D] and the feature maps of its stages out. Input and outputs are bound once and
/// reused, so a run allocates nothing. Owns its native memory. Not safe for concurrent use: fill, run and read on one thread at a time.
/// </summary>
public sealed class BackboneSession : IDisposable
{
    private const string InputName = "image";
    private const string OutputName = "embedding";

    private readonly InferenceSession session;
    private readonly NativeTensor<byte> image;
    private readonly NativeTensor<float> embedding;
    private readonly FeatureMap[] maps;
    private readonly NativeTensor<float>[] mapValues;
    private readonly OrtIoBinding binding;
    private readonly RunOptions run = new();

    private BackboneSession(InferenceSession session, ProviderChoice provider, BackboneInfo info, PreparationSpec preparation)
    {
        this.session = session;
        Provider = provider;
        Info = info;
        Embedding = new EmbeddingSpec(info.Sha256, preparation, info.Segments);
        image = new NativeTensor<byte>(TensorElementType.UInt8, 1, info.HeightPx, info.WidthPx, 3);
        embedding = new NativeTensor<float>(TensorElementType.Float, 1, Embedding.Length);
        binding = session.CreateIoBinding();
        binding.BindInput(InputName, image.Value);
        binding.BindOutput(OutputName, embedding.Value);
        maps = FeatureMaps.Of(session, info.Segments);
        mapValues = [.. maps.Select(m => new NativeTensor<float>(TensorElementType.Float, 1, m.Channels, m.Height, m.Width))];
        for (var i = 0; i < maps.Length; i++) binding.BindOutput(FeatureMaps.NameOf(maps[i].Stage), mapValues[i].Value);
    }

    public BackboneInfo Info { get; }

    /// <summary>What its embeddings are; goes with every kept one.</summary>
    public EmbeddingSpec Embedding { get; }

    /// <summary>What it runs on.</summary>
    public ProviderChoice Provider { get; }

    /// <summary>Where the prepared picture is put: [H,W,3] bytes in the colour order of <see cref="Info"/>.</summary>
    public Span<byte> InputBuffer => image.Span;

    /// <summary>[D] values of the last <see cref="Run"/>; overwritten by the next.</summary>
    public ReadOnlySpan<float> EmbeddingValues => embedding.Span;

    /// <summary>The maps that it gives, of the stages that its embedding pools; none where its file has none.</summary>
    public IReadOnlyList<FeatureMap> Maps => maps;

    /// <summary>[C,h,w] values of a map after the last <see cref="Run"/>; overwritten by the next.</summary>
    public ReadOnlySpan<float> MapValues(FeatureMap map) => mapValues[Array.IndexOf(maps, map)].Span;

    /// <summary>Loads a backbone's file for pictures of which a region is cut out; null takes the whole picture.</summary>
    /// <exception cref="NetworkException">The file is missing, damaged, or no backbone.</exception>
    public static BackboneSession LoadForRegion(string onnxPath, Region? region, RuntimeOptions options) =>
        Load(onnxPath, info => new PreparationSpec { Region = region, ColourOrder = info.ColourOrder, WidthPx = info.WidthPx, HeightPx = info.HeightPx }, options);

    /// <summary>Loads a backbone's file.</summary>
    /// <param name="preparation">How pictures are prepared for it; null takes the whole picture. Size and colour order must be those of the file.</param>
    /// <exception cref="NetworkException">The file is missing, damaged, no backbone, or not for that preparation.</exception>
    public static BackboneSession Load(string onnxPath, PreparationSpec? preparation, RuntimeOptions options) =>
        preparation is null ? LoadForRegion(onnxPath, null, options) : Load(onnxPath, _ => preparation, options);

    private static BackboneSession Load(string onnxPath, Func<BackboneInfo, PreparationSpec> prepare, RuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var what = $"the backbone {onnxPath}";
        var onnx = ReadWhole(what, onnxPath);
        // The hash is the embedding's identity, so nothing outside the hashed bytes may decide what they compute.
        if (HeadFile.Refuse(onnx) is { } refusal) throw NetworkException.Refuse(what, refusal);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(onnx));
        var (session, provider) = OnnxSession.Open(what, options, made => new InferenceSession(onnx, made));
        try
        {
            var info = BackboneMetadata.Read(what, sha256, session.ModelMetadata.CustomMetadataMap);
            var preparation = prepare(info);
            Check(what, session, info, preparation);
            return new BackboneSession(session, provider, info, preparation);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>From <see cref="InputBuffer"/> to <see cref="EmbeddingValues"/>.</summary>
    /// <exception cref="OnnxRuntimeException">The provider failed; the session must not be trusted further.</exception>
    public void Run() => session.RunWithBinding(run, binding);

    public void Dispose()
    {
        binding.Dispose();
        image.Dispose();
        embedding.Dispose();
        foreach (var values in mapValues) values.Dispose();
        run.Dispose();
        session.Dispose();
    }

    private static byte[] ReadWhole(string what, string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NetworkException.Refuse(what, exception.Message, exception);
        }
    }

    private static void Check(string what, InferenceSession session, BackboneInfo info, PreparationSpec preparation)
    {
        GraphContract.Input(what, session, InputName, TensorElementType.UInt8, 1, info.HeightPx, info.WidthPx, 3);
        GraphContract.Output(what, session, OutputName, 1, info.Segments[^1].Offset + info.Segments[^1].Length);
        if (preparation.WidthPx != info.WidthPx || preparation.HeightPx != info.HeightPx || preparation.ColourOrder != info.ColourOrder)
        {
            throw NetworkException.Refuse(
                what,
                $"it reads {info.WidthPx}x{info.HeightPx} {info.ColourOrder}, the preparation gives " +
                $"{preparation.WidthPx}x{preparation.HeightPx} {preparation.ColourOrder}: make a backbone of that size with 'trainer backbone'.");
        }
    }
}
