namespace Appliance.Tests.Training;

/// <summary>Little programs in place of the trainer, called as <c>PROGRAM run JOBFILE</c>.</summary>
internal static class TrainerScript
{
    public static string Write(string path, string body)
    {
        File.WriteAllText(path, "#!/bin/sh\n" + body);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Lays a package where the job wants it, and says that it is done.</summary>
    public static string Delivers(string package) => $$$"""
        out=$(sed -n 's/.*"outputDirectory":"\([^"]*\)".*/\1/p' "$2")
        echo '{"event":"progress","phase":"fit","fraction":0.5,"elapsedMs":1}'
        cp -r '{{{package}}}' "$out"
        echo '{"event":"done","package":"x","modelId":"x","metrics":{},"phaseMs":{"fit":1.5}}'

        """;
}
