namespace Appliance.Messaging;

/// <summary>Text from outside, made fit for a log line or an error message.</summary>
internal static class Printable
{
    public const int LengthLimit = 80;

    /// <summary>At most <see cref="LengthLimit"/> characters; control characters become <c>?</c>.</summary>
    public static string Shorten(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var cut = text.Length > LengthLimit ? string.Concat(text.AsSpan(0, LengthLimit), "...") : text;
        return string.Create(cut.Length, cut, static (into, from) =>
        {
            for (var i = 0; i < from.Length; i++) into[i] = IsPlain(from[i]) ? from[i] : '?';
        });
    }

    /// <summary>True where nothing in it would harm a log, a terminal or a topic's reader.</summary>
    public static bool IsPlain(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (!IsPlain(c)) return false;
        return true;
    }

    private static bool IsPlain(char c)
        => !char.IsControl(c) && !char.IsSurrogate(c) && char.GetUnicodeCategory(c) is not (System.Globalization.UnicodeCategory.Format
            or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator
            or System.Globalization.UnicodeCategory.OtherNotAssigned or System.Globalization.UnicodeCategory.PrivateUse);
}
