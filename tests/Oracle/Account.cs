using System.Globalization;

namespace Oracle;

/// <summary>What was reconciled, and every difference in words.</summary>
/// <param name="Answered">Triggers that the line was told the verdict of.</param>
/// <param name="Open">Triggers whose outcome nobody knows: the exchange was cut off and the station never accepted them.</param>
/// <param name="Lost">Verdicts that were heard and that the journal lost: at a power cut, named by the next epoch, or by damage, named by a repair.</param>
/// <param name="GivenUp">Verdicts that were not delivered, named by the station.</param>
internal sealed record Account(int Epochs, int Verdicts, int Heard, int Asked, int Answered, int Refused, int Acknowledged, int Open, int Lost, int GivenUp, IReadOnlyList<string> Differences)
{
    public string Summary => string.Create(CultureInfo.InvariantCulture,
        $"{Verdicts} verdicts in {Epochs} epochs, {Heard} heard, {Asked} triggers asked ({Answered} answered, {Refused} refused, {Open} never accepted), {Acknowledged} facts acknowledged, {Lost} lost and named, {GivenUp} given up and named: {Differences.Count} differences");
}
