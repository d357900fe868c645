using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using OpenCvSharp;

namespace Appliance.Capture.Video;

/// <summary>An ffmpeg process that decodes a stream into PPM pictures on its standard output. Used by one thread; ended from any.</summary>
internal sealed class FfmpegPipe : IDisposable
{
    private const int MaxSidePx = 16384;

    private readonly Process process;
    private readonly BufferedStream output;
    private readonly SourceUrl url;
    private volatile string complaint = "";

    private FfmpegPipe(Process process, SourceUrl url)
    {
        this.process = process;
        this.url = url;
        output = new BufferedStream(process.StandardOutput.BaseStream, 1 << 16);

        // ffmpeg repeats its URL in what it says, so the credentials are taken out.
        process.ErrorDataReceived += (_, line) =>
        {
            if (!string.IsNullOrWhiteSpace(line.Data)) complaint = line.Data.Replace(url.Target, url.Shown, StringComparison.Ordinal);
        };
        process.BeginErrorReadLine();
    }

    public static FfmpegPipe Start(SourceUrl url)
    {
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] transport = url.Scheme is "rtsp" or "rtsps" ? ["-rtsp_transport", "tcp"] : [];
        string[] arguments =
        [
            "-nostdin", "-hide_banner", "-loglevel", "error", "-fflags", "nobuffer", "-flags", "low_delay", .. transport, "-i", url.Target,
            "-an", "-fps_mode", "passthrough", "-f", "image2pipe", "-c:v", "ppm", "pipe:1",
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        try
        {
            return new FfmpegPipe(Process.Start(start)!, url);
        }
        catch (Win32Exception exception)
        {
            throw new SourceException($"Source '{url.Shown}' needs the program ffmpeg, which does not start ({exception.Message}); install it: apt-get install ffmpeg.", exception);
        }
    }

    /// <summary>What ffmpeg said last, once it has ended; otherwise the given words.</summary>
    public string Complaint(string otherwise)
    {
        End();
        process.WaitForExit();
        return complaint.Length == 0 ? otherwise : complaint;
    }

    /// <summary>Reads one picture into [H,W,3] RGB; false when the stream is over or was ended.</summary>
    public bool TryRead(Mat rgb)
    {
        try
        {
            if (Line() != "P6" || Line() is not { } size || Line() is null) return false;
            var sides = size.Split(' ').Select(side => int.Parse(side, CultureInfo.InvariantCulture)).ToArray();
            if (sides.Length != 2 || sides.Any(side => side is < 1 or > MaxSidePx)) return false;
            rgb.Create(sides[1], sides[0], MatType.CV_8UC3);
            output.ReadExactly(Bytes(rgb, sides[0] * sides[1] * 3));
            return true;
        }
        catch (Exception exception) when (exception is IOException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Ends the process when the time has passed or at cancellation, unless disposed before.</summary>
    public Limit EndAfter(TimeSpan timeout, CancellationToken cancellation) => new(this, timeout, cancellation);

    public void Dispose()
    {
        End();
        process.WaitForExit();
        output.Dispose();
        process.Dispose();
    }

    private static unsafe Span<byte> Bytes(Mat mat, int length) => new(mat.DataPointer, length);

    private string? Line()
    {
        var line = new StringBuilder();
        for (int value; (value = output.ReadByte()) != '\n'; line.Append((char)value))
            if (value < 0 || line.Length > 32) return null;
        return line.ToString();
    }

    private void End()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It had ended.
        }
    }

    /// <summary>A time limit on one reading.</summary>
    internal sealed class Limit : IDisposable
    {
        private readonly Timer timer;
        private readonly CancellationTokenRegistration registration;
        private volatile bool passed;

        // The real clock, not a test's: it bounds a real process.
        public Limit(FfmpegPipe pipe, TimeSpan timeout, CancellationToken cancellation)
        {
            timer = new Timer(_ =>
            {
                passed = true;
                pipe.End();
            }, null, timeout, Timeout.InfiniteTimeSpan);
            registration = cancellation.Register(pipe.End);
        }

        public bool Passed => passed;

        public void Dispose()
        {
            registration.Dispose();
            timer.Dispose();
        }
    }
}
