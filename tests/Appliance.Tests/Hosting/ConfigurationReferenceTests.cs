using Appliance.Hosting;
using Appliance.Settings;

namespace Appliance.Tests.Hosting;

/// <summary>docs/configuration.md says what the program takes.</summary>
public sealed class ConfigurationReferenceTests
{
    private readonly ConfigurationReference reference = new();

    private static IEnumerable<EffectiveSetting> All => EffectiveSettings.Of(new ApplianceOptions { Cameras = [new()], Inspection = { Region = new() } });

    [Fact]
    public async Task Reference_InTheRepository_IsUpToDate() =>
        Assert.True(
            await File.ReadAllTextAsync(ConfigurationReference.File, TestContext.Current.CancellationToken) == reference.Text(),
            "docs/configuration.md is not what the options say. Write it anew: Appliance.Tests --filter-method '*Write_TheReference*' --explicit only");

    [Fact(Explicit = true)]
    public Task Write_TheReference() => File.WriteAllTextAsync(ConfigurationReference.File, reference.Text(), TestContext.Current.CancellationToken);

    [Fact]
    public void Settings_Each_AreDocumented() => Assert.Empty(All.Where(s => reference.Describe(s.Property).Length == 0).Select(s => s.Key));

    // A number without limits lets a slip of the pen through.
    [Fact]
    public void Settings_NumbersAndDurations_RefuseAnExtremeAndSayTheirRange() =>
        Assert.Empty(All.Where(s => IsMeasure(Nullable.GetUnderlyingType(s.Property.PropertyType) ?? s.Property.PropertyType) && ConfigurationReference.Takes(s.Key, s.Property) is null).Select(s => s.Key));

    private static bool IsMeasure(Type type) => type == typeof(TimeSpan) || (type.IsPrimitive && type != typeof(bool));
}
