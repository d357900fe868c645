namespace Appliance.Demo;

/// <summary>What the demo plays.</summary>
/// <param name="Source">Folder with a folder of photographs a class; null takes the simulated line.</param>
/// <param name="Parts">CSV with <c>file,class,part</c>; null takes <c>parts.csv</c> in the folder where there is one.</param>
/// <param name="Seconds">How long it runs; null until Ctrl-C.</param>
/// <param name="RatePerSecond">Parts a second.</param>
internal sealed record DemoOptions(string? Source, string? Parts, double? Seconds, double RatePerSecond, bool Json, int Seed);
