using Appliance.Models;
using Inference.Backbones;
using Inference.Packages;
using Inference.Preparation;
using Inference.Runtime;
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
    /// <exception cref="IOException">The backbone cannot be loaded.</exception>
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

    // The file may have been damaged since the line loaded it.
    private BackboneSession Load()
    {
        try
        {
            return load();
        }
        catch (Exception e) when (e is NetworkException or PackageException)
        {
            throw new IOException($"the backbone cannot be loaded a second time, for pictures from elsewhere. The line goes on with what it has in memory. {e.Message}", e);
        }
    }

    private (float[]? Embedding, string? Problem) Run(ReadOnlySpan<byte> file, PictureLimits limits)
    {
        using var decoded = PictureDecoder.Decode(file, limits);
        if (!decoded.Succeeded) return (null, decoded.Problem);
        backbone ??= Load();
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
