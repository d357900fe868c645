using System.Security.Cryptography;
using Appliance.Disk;
using Appliance.Hosting;
using Appliance.Journal;
using Inference.Preparation;

namespace Appliance.Samples;

/// <summary>What became of a picture that was brought.</summary>
internal enum ImportOutcome
{
    /// <summary>It is a sample now.</summary>
    Kept,

    /// <summary>The same picture of the same part was a sample already, and says the same.</summary>
    Found,

    /// <summary>It was a sample already, without a label, and has it now.</summary>
    Labelled,

    /// <summary>It was a sample already, and people say something else of it: that stays.</summary>
    Differs,

    /// <summary>It was refused, see the problem.</summary>
    Refused,

    /// <summary>A class is new, and new ones were not allowed.</summary>
    NewClass,
}

/// <param name="Problem">Why it was refused; null where it was not.</param>
internal readonly record struct ImportAnswer(ImportOutcome Outcome, string? Sample, string? Label, string? Problem);

/// <summary>
/// Takes pictures with labels from elsewhere: looks whether they are samples already, decodes and embeds them with the station's backbone on a thread of low priority, one at a time, and
/// keeps them like what the line saw. Safe for several threads.
/// </summary>
internal sealed class ImportDesk(ApplianceOptions options, ImportEmbedder embedder, SampleStore store, SampleIndex index, LabelDesk labels, StationJournal journal, DiskSpace disk, TimeProvider time) : IDisposable
{
    /// <summary>Pictures that are there and are taken at once; one more is refused.</summary>
    public const int MostAtOnce = 4;

    /// <summary>Bytes of pictures that are on their way or being taken; one more is refused, so that their memory is bounded and slow senders of small pictures keep nobody out.</summary>
    public const long MostBytes = 4L * MaxFileBytes;

    /// <summary>Largest file.</summary>
    public const int MaxFileBytes = 64 << 20;

    private const string Camera = "import";
    // As large as a camera's picture may be; 50 megapixels are 150 MB decoded.
    private static readonly PictureLimits Limits = new() { MaxFileBytes = MaxFileBytes, MaxPixels = 50_000_000 };
    private readonly SemaphoreSlim places = new(MostAtOnce);
    private readonly Lock counting = new();
    private ulong last;
    private long room = MostBytes;

    /// <summary>A place to be disposed of; null when all are taken.</summary>
    public IDisposable? TryEnter() => places.Wait(0) ? new Place(() => places.Release()) : null;

    /// <summary>Room for a picture of so many bytes, to be disposed of; null when too many are on their way.</summary>
    public IDisposable? TryReserve(long lengthBytes)
    {
        lock (counting)
        {
            if (lengthBytes > room) return null;
            room -= lengthBytes;
        }

        return new Place(() =>
        {
            lock (counting) room += lengthBytes;
        });
    }

    /// <summary>Why nothing is taken at present; null while things are.</summary>
    public string? WhyStopped => disk.Shortage ?? journal.Trouble;

    /// <summary>What can be said without the picture; null when nothing speaks against it.</summary>
    public ImportAnswer? Refuse(ImportRequest request)
    {
        if (request.Problem(time.GetUtcNow()) is { } problem) return new(ImportOutcome.Refused, null, null, problem);
        foreach (var label in request.Labels.Select(l => l.Label).Distinct(StringComparer.Ordinal))
        {
            if (labels.RefuseTwin(label) is { } twin) return new(ImportOutcome.Refused, null, null, twin);
        }

        // A class that only the history has was a slip of the pen, or went by: what holds makes a class.
        return request.NewClasses || !labels.IsNew(request.Class)
            ? null
            : new(ImportOutcome.NewClass, null, null, $"The class '{request.Class}' is new: no sample has it. Correct it, or allow new classes (--new-classes).");
    }

    /// <summary>Keeps a picture, or finds it. On disk before it returns.</summary>
    /// <exception cref="IOException">The disk does not take it. So does <see cref="Inference.Embeddings.EmbeddingFileException"/>.</exception>
    /// <exception cref="JournalException">It could not be recorded; may be tried again.</exception>
    public async Task<ImportAnswer> TakeAsync(ImportRequest request, ReadOnlyMemory<byte> bytes)
    {
        if (PictureKind.ExtensionOf(bytes.Span) is not { } extension) return Refused("The file is no picture that is known: PNG, JPEG, BMP, TIFF and WebP are.");
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        if (Find(request, sha256, extension) is { } known && await LabelAsync(known.Id, request) is { } answer) return answer;
        var (embedding, problem) = await embedder.RunAsync(bytes, Limits);
        if (embedding is null) return Refused(problem!);
        var id = NextId();
        SampleDocument? found = null;
        var kept = await store.KeepAsync(id, pictures => pictures.Store(bytes.Span, extension), embedding, null, stored =>
        {
            // The same picture may have come twice at once.
            found = Find(request, sha256, extension);
            return found is null ? [Describe(id, request, stored), .. LabelsOf(id.ToString(), request, request.Labels, null)] : null;
        });
        if (!kept) return await LabelAsync(found!.Id, request) ?? await TakeAsync(request, bytes);
        labels.Tell();
        return new(ImportOutcome.Kept, id.ToString(), request.Class, null);
    }

    public void Dispose() => places.Dispose();

    private SampleDocument? Find(ImportRequest request, string sha256, string extension)
    {
        string[] spellings = extension switch { ".jpg" => [".jpg", ".jpeg"], ".tif" => [".tif", ".tiff"], _ => [extension] };
        var same = spellings.SelectMany(e => index.WithPicture(sha256 + e)).ToList();
        return same.Find(s => s.Id == request.Sample) ?? same.Find(s => s.Kept.Part == request.Part);
    }

    // Null where the sample was given up meanwhile.
    private async Task<ImportAnswer?> LabelAsync(string sample, ImportRequest request)
    {
        await index.Turn.WaitAsync();
        try
        {
            if (index.ById(sample) is not { } known) return null;
            if (known.Label is not null && !IsBegun(known, request)) return new(known.Label == request.Class ? ImportOutcome.Found : ImportOutcome.Differs, sample, known.Label, null);
            // What was undone here is not said again by an old export.
            var unknown = request.Labels.Where(l => !known.History.Any(h => Is(h, l))).ToList();
            if (unknown.Count == 0) return new(ImportOutcome.Found, sample, known.Label, null);
            foreach (var fact in LabelsOf(sample, request, unknown, known.Label))
            {
                await journal.AppendDurableAsync(fact, CancellationToken.None);
                index.Apply(fact);
            }
        }
        finally
        {
            index.Turn.Release();
        }

        labels.Tell();
        return new(ImportOutcome.Labelled, sample, request.Class, null);
    }

    // What is said here is how the history that is brought begins, and no more: as an import leaves it that was cut off.
    private static bool IsBegun(SampleDocument known, ImportRequest request) =>
        known.History.Count < request.Labels.Count && known.History.Zip(request.Labels).All(p => p.First.Undone is null && Is(p.First, p.Second));

    private static bool Is(LabelEntry here, ImportedLabel brought) => here.Label == brought.Label && here.By == brought.By && here.At == brought.At;

    private SampleKept Describe(InspectionId id, ImportRequest request, StoredSample stored)
    {
        var now = time.GetUtcNow();
        return new(
            id.ToString(), Camera, request.Part, options.Recipe, request.Name, stored.Picture.Sha256, stored.Picture.Extension, stored.Picture.LengthBytes,
            stored.EmbeddingIdentity, stored.Row, "NONE", null, 0, 0, "imported", null, null, now, "import") { At = now };
    }

    private IEnumerable<Fact> LabelsOf(string sample, ImportRequest request, IEnumerable<ImportedLabel> said, string? before)
    {
        foreach (var label in said)
        {
            yield return new SampleLabelled(sample, label.Label, before, label.By, labels.IsNew(label.Label) ? true : null, request.By) { At = label.At };
            before = label.Label;
        }
    }

    // No epoch is 0, so no inspection has this id.
    private InspectionId NextId()
    {
        lock (counting) return new(0, last = Math.Max(last, index.LastImported()) + 1);
    }

    private static ImportAnswer Refused(string problem) => new(ImportOutcome.Refused, null, null, problem);

    private sealed class Place(Action leave) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0) leave();
        }
    }
}
