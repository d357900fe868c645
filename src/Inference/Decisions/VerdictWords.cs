using System.Reflection;
using System.Text.Json.Serialization;

namespace Inference.Decisions;

/// <summary>A verdict as it is written everywhere outside the code: the names that its JSON has.</summary>
public static class VerdictWords
{
    private static readonly string[] Words =
        [.. Enum.GetValues<Verdict>().Select(v => typeof(Verdict).GetField(v.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name)];

    /// <summary>In the order of the values.</summary>
    public static IReadOnlyList<string> All => Words;

    /// <summary><c>OK</c>, <c>NG</c>, <c>UNSURE</c> or <c>FAULT</c>.</summary>
    public static string Word(this Verdict verdict) => Words[(int)verdict];
}
