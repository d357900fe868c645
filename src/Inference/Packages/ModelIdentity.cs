using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Inference.Packages;

/// <summary>Computes the id of a model from what decides its answers, and nothing else.</summary>
public static class ModelIdentity
{
    /// <summary>SHA-256 (lower-case hex) over head, embedding identity, classes, good class and temperature.</summary>
    public static string Compute(string headSha256, string embeddingIdentity, IReadOnlyList<string> classes, string goodClass, double temperature)
    {
        var text = new StringBuilder("model/1\n");
        text.Append(headSha256).Append('\n').Append(embeddingIdentity).Append('\n');
        text.Append(temperature.ToString("R", CultureInfo.InvariantCulture)).Append('\n').Append(goodClass);
        foreach (var name in classes) text.Append('\n').Append(name);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
