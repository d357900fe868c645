using Appliance.Messaging;
using Appliance.Samples;

namespace Appliance.Web;

/// <summary>Who changes something, and why: both go into the record for good.</summary>
internal static class Signature
{
    public const int MaxWhyLength = 500;

    /// <summary>What is wrong with them; null when nothing is.</summary>
    public static string? Refuse(string? by, string? why) => RefuseBy(by) ?? RefuseWhy(why);

    /// <summary>As <see cref="Refuse"/>, for what needs no reason.</summary>
    public static string? RefuseBy(string? by) => LabelDesk.RefuseText("name of who asks for it in 'by'", by);

    private static string? RefuseWhy(string? why)
    {
        if (string.IsNullOrWhiteSpace(why)) return "The reason in 'why' is empty: say in a few words why this is changed; it goes into the record.";
        if (why.Length > MaxWhyLength) return $"The reason in 'why' has {why.Length} characters; it takes at most {MaxWhyLength}.";
        return Printable.IsPlain(why) && why == why.Trim() ? null : "The reason in 'why' has control or invisible characters, or spaces at its ends.";
    }
}
