using Appliance.Models;
using Inference.Backbones;
using Inference.Preparation;
using Microsoft.ML.OnnxRuntime;

namespace Appliance.Samples;

/// <summary>
/// Computes embeddings of pictures that the line did not see, with a session of its own beside the line's, of one thread and low priority; one picture at a time. The session is loaded
/// for the first and kept. Safe for several threads.
/// </summary>
internal sealed class ImportEmbedder(Func<BackboneSession> load) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private BackboneSession? backbone;
    private ImagePreparer? preparer;

    /// <returns>[D] values; null with the reason for a picture that cannot be used.</returns>
    public async Task<(float[]? Embedding, string? Problem)> RunAsync(ReadOnlyMemory<byte> file, PictureLimits limits)
    {
        await turn.WaitAsync();
        try
        {
            return await QuietThread.RunAsync(() => Run(file.Span, limits));
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose()
    {
        preparer?.Dispose();
        backbone?.Dispose();
        turn.Dispose();
    }

    private (float[]? Embedding, string? Problem) Run(ReadOnlySpan<byte> file, PictureLimits limits)
    {
        using var decoded = PictureDecoder.Decode(file, limits);
        if (!decoded.Succeeded) return (null, decoded.Problem);
        backbone ??= load();
        preparer ??= new ImagePreparer(backbone.Embedding.Preparation);
        var prepared = preparer.Prepare(decoded.Picture, backbone.InputBuffer);
        if (!prepared.Succeeded) return (null, prepared.Detail);
        try
        {
            backbone.Run();
            return (backbone.EmbeddingValues.ToArray(), null);
        }
        catch (OnnxRuntimeException e)
        {
            backbone.Dispose();
            backbone = null;
            return (null, "The backbone failed: " + e.Message);
        }
    }
}
