namespace Appliance.Settings;

/// <summary>A reload changes this setting while the station runs, because whoever needs it reads it from the options at each use.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReloadableAttribute : Attribute;
