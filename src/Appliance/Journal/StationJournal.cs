using Appliance.Inspection;
using Appliance.Watchdog;
using Inference.Files;
using Microsoft.Extensions.Logging;

namespace Appliance.Journal;

/// <summary>
/// The one owner of a station's journal: both streams, the epoch and the state directory's lock. Safe for several threads.
/// What is in it is the truth; every index is made from it.
/// </summary>
internal sealed class StationJournal : IAsyncDisposable
{
    private readonly string station;
    private readonly TimeProvider time;
    private readonly StateLock stateLock;
    private readonly JournalReserve reserve;
    private readonly JournalStream facts;
    private readonly JournalStream verdicts;
    private readonly RecordIntake factIntake;
    private readonly RecordIntake verdictIntake;
    private readonly GroupSync group;
    private readonly VerdictEncoder encoder = new();
    private readonly VerdictSignal signal = new();
    private readonly Lock commit = new();
    private readonly Lock accept = new();
    private readonly Lock factOrder = new();
    private readonly int marks;
    private InspectionId lastCommitted;
    private int acceptedSinceMark;
    private long factCount;
    private bool disposed;

    private StationJournal(JournalOpening opening)
    {
        (station, time, stateLock, reserve) = (opening.Station, opening.Time, opening.Lock, opening.Reserve);
        (facts, verdicts, EpochFact) = (opening.Facts, opening.Verdicts, opening.Epoch);
        (factIntake, verdictIntake) = (new(facts, reserve), new(verdicts, reserve));
        lastCommitted = opening.LastVerdict;
        LastSwitch = opening.LastSwitch;
        marks = opening.Options.TriggersRemembered;
        Triggers = new TriggerLog(opening.Options.TriggersRemembered);
        Unanswered = FillTriggers(opening.Triggers);
        KeyFacts = opening.KeyFacts;
        (NotDelivered, Configuration, Models, factCount) = (opening.NotDelivered, opening.Configuration, opening.Models, opening.FactCount);
        reserve.TryRestore();
        group = new GroupSync(facts, verdicts, opening.Options.GroupDelay, opening.Logger);
    }

    public uint Epoch => EpochFact.Epoch;

    /// <summary>The first fact of this epoch, synced before anything else.</summary>
    public EpochStarted EpochFact { get; }

    /// <summary>Triggers accepted before this start that have no verdict: each gets a FAULT.</summary>
    public IReadOnlyList<TriggerAccepted> Unanswered { get; }

    /// <summary>What the outbox had given up before this start, in order.</summary>
    public IReadOnlyList<VerdictsNotDelivered> NotDelivered { get; }

    /// <summary>Keys made and revoked before this start, in order.</summary>
    public IReadOnlyList<Fact> KeyFacts { get; }

    /// <summary>Settings as they were recorded before this start, by key, without secrets.</summary>
    public IReadOnlyDictionary<string, string> Configuration { get; }

    /// <summary>Promotions, the must-catch list and the shadow period as they were before this start.</summary>
    public ModelFacts Models { get; }

    public TriggerLog Triggers { get; }

    /// <summary>The last switch of the line before this start; null when there was none.</summary>
    public LineSwitched? LastSwitch { get; }

    /// <summary>The last verdict of any epoch.</summary>
    public InspectionId LastCommitted
    {
        get
        {
            lock (commit) return lastCommitted;
        }
    }

    /// <summary>Null while records are taken; otherwise why not, as far as the last attempt told. Triggers are refused then, and <see cref="Mend"/> helps.</summary>
    public string? Trouble => verdictIntake.Trouble ?? factIntake.Trouble;

    /// <summary>What could not be recorded.</summary>
    public UnrecordedPictures Unrecorded { get; } = new();

    public JournalReserve Reserve => reserve;

    /// <summary>How many facts are written; lost ones do not count.</summary>
    public long FactCount
    {
        get
        {
            lock (factOrder) return factCount;
        }
    }

    /// <summary>Called for each fact that is written from now on, with how many were before it, in the journal's order and maybe before it is durable; it must be quick.</summary>
    public Action<long, Fact>? FactWritten { get; set; }

    /// <summary>Told of each sync, see <see cref="GroupSync.Synced"/>.</summary>
    public Action<string, TimeSpan>? Synced
    {
        get => group.Synced;
        set => group.Synced = value;
    }

    /// <summary>Of the thread that makes it durable.</summary>
    public Pulse SyncPulse => group.Pulse;

    internal StreamTail VerdictTail => verdicts.Tail;

    internal string VerdictDirectory => verdicts.DirectoryPath;

    /// <summary>Locks the state directory, recovers both streams, cuts torn tails, starts the epoch and syncs it.</summary>
    /// <param name="state">The state directory; the journal lies in it under <c>journal/</c>.</param>
    /// <exception cref="JournalException">In use, damaged, or of another station; nothing was changed then.</exception>
    public static StationJournal Open(
        IFileSystem files, string state, string station, TimeProvider time, ILogger logger, JournalOptions? options = null)
    {
        var opening = JournalOpening.Run(files, state, station, time, logger, options ?? new JournalOptions());
        try
        {
            return new StationJournal(opening);
        }
        catch
        {
            opening.Dispose();
            throw;
        }
    }

    /// <summary>Gives the verdict its epoch and sequence and writes it; its group is synced within 10 ms.</summary>
    /// <exception cref="JournalException">It is not in the journal and must not be published; no sequence was used.</exception>
    /// <exception cref="InvalidOperationException">It answers a trigger that is not open.</exception>
    public InspectionId Commit(VerdictMessage draft) =>
        TryCommit(draft, out var id) ? id : throw new InvalidOperationException($"Trigger '{draft.Trigger}' is not open: it was never accepted, or has its verdict.");

    /// <summary>As <see cref="Commit"/>. False for a trigger that has its verdict: of several that come at once, one is committed.</summary>
    /// <exception cref="JournalException">It is not in the journal and must not be published; no sequence was used.</exception>
    public bool TryCommit(VerdictMessage draft, out InspectionId id)
    {
        lock (commit)
        {
            id = default;
            if (draft.Trigger is { } trigger && !Triggers.IsOpen(trigger)) return false;
            var next = new InspectionId(Epoch, lastCommitted.Epoch == Epoch ? lastCommitted.Sequence + 1 : 1);
            var type = draft.Trigger is null ? RecordType.Verdict : RecordType.TriggeredVerdict;
            verdictIntake.Append(type, next, encoder.Encode(draft, station, next));
            lastCommitted = id = next;
            if (draft.Trigger is not null) Triggers.Answer(draft.Trigger, next);
        }
        group.VerdictAppended();
        signal.Raise();
        return true;
    }

    /// <summary>Completes only after the fact is durable, however long that takes; facts that come together share one sync.</summary>
    /// <exception cref="JournalException">It was not written and never will be; or <see cref="JournalException.IsUnknown"/>.</exception>
    public async Task AppendDurableAsync(Fact fact, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Write(fact);
        // Not given up half-way: what is written will be in force.
        await group.FactsDurable();
    }

    /// <summary>Accepts a trigger durably, however long that takes. False when its id is known already: <see cref="TriggerLog.TryFind"/> then says whether it has its verdict.</summary>
    /// <exception cref="JournalException">As <see cref="AppendDurableAsync"/>.</exception>
    public async Task<bool> TryAcceptAsync(TriggerAccepted trigger, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!Triggers.TryAdd(trigger.Trigger)) return false;
        try
        {
            // A verdict that could not be recorded must not be promised.
            if (Trouble is { } trouble) throw new JournalException(trouble);
            lock (accept)
            {
                if (++acceptedSinceMark > marks) Mark();
                Write(trigger);
            }
            await group.FactsDurable();
            return true;
        }
        catch
        {
            Triggers.Remove(trigger.Trigger);
            throw;
        }
    }

    /// <summary>The recorded verdict of a trigger that came before; false while it has none, or when the id is unknown or long forgotten.</summary>
    public bool TryFindVerdict(string trigger, out InspectionId id, out byte[] json)
    {
        json = Triggers.TryFind(trigger, out var found) && found is { } known ? ReadVerdict(known) ?? [] : [];
        id = found ?? default;
        return json.Length > 0;
    }

    /// <summary>All facts that are written, from the first on.</summary>
    public IEnumerable<Fact> ReadFacts() => FactReader.Read(facts.DirectoryPath, facts.Tail).Select(r => r.Fact);

    /// <summary>All facts that are written, but so many of the first.</summary>
    public IEnumerable<Fact> ReadFactsAfter(long first) => FactReader.After(first, facts.DirectoryPath, facts.Tail);

    /// <summary>The facts of one kind that are written.</summary>
    public IEnumerable<T> ReadFacts<T>() where T : Fact => FactReader.Only<T>(facts.DirectoryPath, facts.Tail);

    /// <summary>A reader of the verdicts after the given one; <c>default</c> for all.</summary>
    public VerdictCursor OpenVerdicts(InspectionId after) => new(this, verdicts.DirectoryPath, after);

    /// <summary>One verdict's JSON as committed; null when it is not there.</summary>
    public byte[]? ReadVerdict(InspectionId id) => VerdictSegments.Read(verdicts.DirectoryPath, id);

    /// <summary>Puts failed streams to work again in new segments, where everything that was written and not known to be durable is written again, and finds out whether records are taken.</summary>
    /// <exception cref="JournalException">They are not; may be tried again.</exception>
    public void Mend()
    {
        lock (commit) verdictIntake.Mend();
        factIntake.Mend();
        group.Reopened();
    }

    /// <summary>From now on nobody waits for a disk that fails: the station stops.</summary>
    public void StopWaiting() => group.StopWaiting();

    /// <summary>Syncs what is left, closes and unlocks.</summary>
    public ValueTask DisposeAsync()
    {
        if (disposed) return ValueTask.CompletedTask;
        disposed = true;
        group.Dispose();
        facts.Dispose();
        verdicts.Dispose();
        encoder.Dispose();
        reserve.Dispose();
        stateLock.Dispose();
        return ValueTask.CompletedTask;
    }

    internal Task WaitForVerdictAfterAsync(InspectionId after, CancellationToken cancellation)
    {
        var next = signal.Next();
        return LastCommitted > after ? Task.CompletedTask : next.WaitAsync(cancellation);
    }

    private void Write(Fact fact)
    {
        fact.ByKey = Caller.Key;
        var (last, payload) = (LastCommitted, FactCodec.Encode(fact));
        lock (factOrder)
        {
            factIntake.Append(RecordType.Fact, last, payload);
            var place = factCount++;
            FactWritten?.Invoke(place, fact);
        }
    }

    // Names the one that is being accepted too, which is in the log and not yet among the facts.
    private void Mark()
    {
        var open = Triggers.Open;
        verdicts.Sync();
        Write(new TriggersOpen(open) { At = time.GetUtcNow() });
        acceptedSinceMark = 1;
    }

    private IReadOnlyList<TriggerAccepted> FillTriggers(TriggerRecovery recovery)
    {
        if (recovery.Oldest is not { } oldest) return [];
        using var cursor = OpenVerdicts(oldest);
        return recovery.Fill(Triggers, cursor);
    }
}
