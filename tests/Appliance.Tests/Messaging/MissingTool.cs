namespace Appliance.Tests.Messaging;

public static class MissingTool
{
    /// <summary>Skips with the package to install; fails where CI=true.</summary>
    public static void SkipWithout(string path, string package)
    {
        if (File.Exists(path)) return;
        var reason = $"{path} is missing: apt-get install {package}";
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail(reason);
        Assert.Skip(reason);
    }
}
