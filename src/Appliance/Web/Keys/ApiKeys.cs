using Appliance.Journal;
using Appliance.Samples;

namespace Appliance.Web.Keys;

/// <summary>The one owner of keys. Each is a fact when it is made and when it is revoked, on disk before it counts. Any thread.</summary>
internal sealed class ApiKeys(StationJournal journal, TimeProvider time) : IDisposable
{
    /// <summary>Good keys at once.</summary>
    public const int Limit = 1000;

    private const int IdLength = 12;
    private readonly SemaphoreSlim turn = new(1);
    private volatile ApiKey[] all = [.. journal.KeyFacts.Aggregate(Array.Empty<ApiKey>(), After)];

    /// <summary>Every key there ever was, in the order they were made.</summary>
    public IReadOnlyList<ApiKey> All => all;

    /// <summary>Whether somebody can make keys by a key.</summary>
    public bool HasManager => all.Any(k => k.Revoked is null && k.Added.Role == Roles.Manage);

    /// <summary>The good key with this secret, or null. All are compared, in the same time each.</summary>
    public ApiKey? Find(string secret)
    {
        var hash = ApiKey.HashOf(secret);
        ApiKey? found = null;
        foreach (var key in all)
            if (key.Is(hash) & key.Revoked is null) found = key;
        return found;
    }

    /// <summary>Makes a key. The secret, which is nowhere afterwards; or the reason why not.</summary>
    /// <exception cref="JournalException">It could not be recorded, and there is no such key.</exception>
    public async Task<(string? Secret, ApiKey? Key, string? Refusal)> AddAsync(string name, string role, string by)
    {
        if (LabelDesk.RefuseText("name of the key in 'name'", name) is { } wrong) return (null, null, wrong);
        if (!Roles.All.Contains(role)) return (null, null, $"The role is '{role}'; it takes {string.Join(", ", Roles.All)}.");
        await turn.WaitAsync();
        try
        {
            var good = all.Where(k => k.Revoked is null).ToList();
            if (good.Exists(k => k.Added.Name == name)) return (null, null, $"There is a key '{name}'. Revoke it first, or take another name.");
            if (good.Count >= Limit) return (null, null, $"There are {Limit} keys. Revoke those that nobody needs.");
            var secret = ApiKey.NewSecret();
            var hash = Convert.ToHexStringLower(ApiKey.HashOf(secret));
            await RecordAsync(new ApiKeyAdded(hash[..IdLength], name, role, hash, by) { At = time.GetUtcNow() });
            return (secret, all[^1], null);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Revokes the good key of this name or id, from the next request on. Null where there is none.</summary>
    /// <exception cref="JournalException">It could not be recorded, and the key is as good as before.</exception>
    public async Task<ApiKey?> RevokeAsync(string nameOrId, string by, string why)
    {
        await turn.WaitAsync();
        try
        {
            if (Array.Find(all, k => k.Revoked is null && (k.Id == nameOrId || k.Added.Name == nameOrId)) is not { } key) return null;
            await RecordAsync(new ApiKeyRevoked(key.Id, by, why) { At = time.GetUtcNow() });
            return Array.Find(all, k => k.Id == key.Id);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private async Task RecordAsync(Fact fact)
    {
        await journal.AppendDurableAsync(fact, CancellationToken.None);
        all = After(all, fact);
    }

    private static ApiKey[] After(ApiKey[] keys, Fact fact) => fact switch
    {
        ApiKeyAdded added => [.. keys, new(added)],
        ApiKeyRevoked revoked => [.. keys.Select(k => k.Id == revoked.Key ? k with { Revoked = revoked } : k)],
        _ => keys,
    };
}
