using System.Text.Json;

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
        Assert.Equal(24, report.RootElement.GetProperty("seenParts").GetInt32());
        Assert.True(report.RootElement.GetProperty("macroF1").GetDouble() > 0.9);
        Assert.Equal(2, report.RootElement.GetProperty("confusion").GetArrayLength());
        Assert.InRange(report.RootElement.GetProperty("calibrationError").GetDouble(), 0, 1);
        Assert.True(report.RootElement.GetProperty("classes")[1].GetProperty("recallInterval").GetProperty("high").GetDouble() <= 1);
    }

    [Fact]
    public async Task Evaluate_PicturesThatTheModelWasTrainedOn_IsSaidAndOfOthersIsNot()
    {
        Draw(12, "good", "hole");
        Assert.Equal(0, (await TrainerProgram.Run("train", "--data", Data, "--out", Model)).ExitCode);

        var seen = await TrainerProgram.Run("evaluate", "--model", Model, "--data", Data);
        foreach (var picture in Directory.GetFiles(Data, "*.png", SearchOption.AllDirectories)) File.Move(picture, Path.ChangeExtension(picture, null) + "-later.png");
        var unseen = await TrainerProgram.Run("evaluate", "--model", Model, "--data", Data);

        Assert.Contains("! 24 of these parts bear the ids of parts that the model was trained on.", seen.Output, StringComparison.Ordinal);
        Assert.Equal((0, 0), (seen.ExitCode, unseen.ExitCode));
        Assert.DoesNotContain("trained on", unseen.Output, StringComparison.Ordinal);
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

    private void Draw(int perClass, params string[] classes) => DrawnPlates.Draw(Data, perClass, classes);
}
