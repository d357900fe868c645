using System.Security.Cryptography;
using System.Text;
using Appliance.Journal;

namespace Appliance.Web.Keys;

/// <summary>A key of one machine or terminal, by its hash; the key itself is nowhere.</summary>
/// <param name="Revoked">Null while it is good.</param>
internal sealed record ApiKey(ApiKeyAdded Added, ApiKeyRevoked? Revoked = null)
{
    /// <summary>How each key begins, so that one is known where it should not be.</summary>
    public const string Prefix = "iak_";

    private const int SecretBytes = 32;

    private readonly byte[] hash = Convert.FromHexString(Added.Sha256);

    public string Id => Added.Key;

    /// <summary>A new key, from 256 random bits: nothing that could be guessed, so that a plain hash keeps it.</summary>
    public static string NewSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>In the same time whatever it is.</summary>
    public bool Is(ReadOnlySpan<byte> hashOfSecret) => CryptographicOperations.FixedTimeEquals(hash, hashOfSecret);
}
