namespace Appliance.Journal;

/// <summary>With which key what is done now was asked for. Said once for each request, it goes along with all that the request does and waits for, so that no desk has to hand it on.</summary>
internal static class Caller
{
    private static readonly AsyncLocal<string?> Name = new();

    /// <summary>Its name; null for who needs none, and for what the station does by itself.</summary>
    public static string? Key
    {
        get => Name.Value;
        set => Name.Value = value;
    }
}
