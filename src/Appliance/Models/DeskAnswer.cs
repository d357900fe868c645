namespace Appliance.Models;

/// <summary>Of what kind a refusal is.</summary>
internal enum DeskRefusal
{
    /// <summary>What was asked makes no sense.</summary>
    Invalid,

    /// <summary>What it is about is not there.</summary>
    Missing,

    /// <summary>It cannot be as things stand.</summary>
    Conflict,

    /// <summary>Too much is being done at present; it may be asked again.</summary>
    Busy,
}

/// <summary>What was asked for, or why it is refused.</summary>
/// <param name="Value">Null when it is refused.</param>
/// <param name="Why">What is wrong and what to do; null when it is not refused.</param>
internal readonly record struct DeskAnswer<T>(T? Value, DeskRefusal Kind, string? Why)
    where T : class
{
    public static implicit operator DeskAnswer<T>(T value) => new(value, default, null);

    public static implicit operator DeskAnswer<T>((DeskRefusal Kind, string Why) refusal) => new(null, refusal.Kind, refusal.Why);
}
