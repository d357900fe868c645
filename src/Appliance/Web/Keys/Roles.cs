namespace Appliance.Web.Keys;

/// <summary>What a key is for. Every endpoint names the one it needs.</summary>
internal static class Roles
{
    /// <summary>Look at everything but keys, and try what changes nothing.</summary>
    public const string Read = "read";

    /// <summary>Trigger, pause and resume; and read.</summary>
    public const string Line = "line";

    /// <summary>Label samples and ask for training; and read.</summary>
    public const string Label = "label";

    /// <summary>All of it: models, policies, what is kept, keys.</summary>
    public const string Manage = "manage";

    public static readonly IReadOnlyList<string> All = [Read, Line, Label, Manage];

    public static bool Includes(string has, string needed) => has == needed || has == Manage || needed == Read;
}
