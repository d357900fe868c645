using System.Text.Json;
using OpenCvSharp;

namespace Trainer.Tests.CommandLine;

public sealed class TrainAndEvaluateTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("train").FullName;

    private string Data => Path.Combine(folder, "data");

    private string Model => Path.Combine(folder, "model");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task TrainThenEvaluate_DrawnPlates_PrintOneLineOfJson()
    {
        Draw(12, "good", "hole");
        File.WriteAllBytes(Path.Combine(Data, "good", "cut.png"), File.ReadAllBytes(Path.Combine(Data, "good", "0.png"))[..60]);

        var trained = await TrainerProgram.Run("train", "--data", Data, "--out", Model, "--seed", "3", "--json");
        var evaluated = await TrainerProgram.Run("evaluate", "--model", Model, "--data", Data, "--json");

        Assert.Equal((0, 0), (trained.ExitCode, evaluated.ExitCode));
        Assert.Contains("skipped good/cut.png", trained.Errors, StringComparison.Ordinal);
        using var summary = JsonDocument.Parse(trained.Output);
        Assert.Equal(1, summary.RootElement.GetProperty("skipped").GetInt32());
        using var report = JsonDocument.Parse(evaluated.Output);
        Assert.Equal(24, report.RootElement.GetProperty("images").GetInt32());
        Assert.True(report.RootElement.GetProperty("macroF1").GetDouble() > 0.9);
        Assert.Equal(2, report.RootElement.GetProperty("confusion").GetArrayLength());
        Assert.InRange(report.RootElement.GetProperty("calibrationError").GetDouble(), 0, 1);
        Assert.True(report.RootElement.GetProperty("classes")[1].GetProperty("recallInterval").GetProperty("high").GetDouble() <= 1);
    }

    [Fact]
    public async Task Train_OneClass_Fails()
    {
        Draw(1, "good");

        var ended = await TrainerProgram.Run("train", "--data", Data, "--out", Model);

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("one class only", ended.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Model));
    }

    [Fact]
    public async Task Evaluate_NoModel_Fails()
    {
        Draw(1, "good", "hole");

        var ended = await TrainerProgram.Run("evaluate", "--model", Model, "--data", Data);

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(Model, ended.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train", "--data", "somewhere")]
    [InlineData("train", "--data", "somewhere", "--out", "model", "--seed", "three")]
    [InlineData("evaluate", "--model", "model", "--date", "somewhere")]
    [InlineData("teach")]
    public async Task Run_WrongUsage_EndsWith2(params string[] arguments) => Assert.Equal(2, (await TrainerProgram.Run(arguments)).ExitCode);

    [Fact]
    public async Task Help_Root_ShowsExamples()
    {
        var ended = await TrainerProgram.Run("--help");

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("trainer train --data", ended.Output, StringComparison.Ordinal);
    }

    // Grey noise from a seed; a hole is a dark disc.
    private void Draw(int perClass, params string[] classes)
    {
        Cv2.SetTheRNG(5);
        foreach (var name in classes)
        {
            Directory.CreateDirectory(Path.Combine(Data, name));
            for (var i = 0; i < perClass; i++)
            {
                using var plate = new Mat(160, 160, MatType.CV_8UC1);
                Cv2.Randn(plate, Scalar.All(150), Scalar.All(12));
                if (name == "hole") Cv2.Circle(plate, 50 + i * 4, 90 - i * 3, 22, Scalar.All(20), -1);
                Cv2.ImWrite(Path.Combine(Data, name, $"{i}.png"), plate);
            }
        }
    }
}
