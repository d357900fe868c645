using System.CommandLine;
using System.Globalization;

namespace Appliance.CommandLine;

/// <summary>An option that takes a number: not NaN and not infinity, which no JSON can carry to the service, and nothing out of its range.</summary>
internal static class NumberOption
{
    /// <param name="more">It takes more than that.</param>
    /// <param name="most">And up to that.</param>
    public static Option<double?> Create(string name, string description, double more = double.NegativeInfinity, double most = double.MaxValue) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number)) result.AddError($"{name} is '{text}', which is no number.");
            else if (number <= more || number > most) result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is {text}; it takes more than {more}, up to {most}."));
            else return number;
            return null;
        },
    };
}
