namespace Appliance.Models.MustCatch;

/// <summary>A sample that no model may pass as good.</summary>
/// <param name="Label">What people say of it now.</param>
/// <param name="By">Who put it on the list.</param>
/// <param name="Problem">What is wrong with it: its picture or embedding is gone, or its label was undone or is another by now; null when nothing is.</param>
/// <param name="CanBeJudged">Whether its embedding is there; when not, each promotion needs a person's word.</param>
internal sealed record MustCatchSample(string Sample, string? Part, string? Label, string By, string Why, DateTimeOffset At, string? Problem, bool CanBeJudged);

/// <summary>The whole list.</summary>
internal sealed record MustCatchPage(IReadOnlyList<MustCatchSample> Samples);
