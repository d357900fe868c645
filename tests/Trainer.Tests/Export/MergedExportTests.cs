using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf;
using Inference.Backbones;
using Inference.Packages;
using Inference.Preparation;
using Inference.Runtime;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;
using Trainer.Export;
using Trainer.Heads;
using Trainer.Onnx;

namespace Trainer.Tests.Export;

/// <summary>A head trained on drawn plates, with the default backbone, as one file.</summary>
public sealed class MergedExportTests : IClassFixture<MergedExportTests.Trained>
{
    private const string Python = "/usr/bin/python3";
    private readonly Trained trained;

    public MergedExportTests(Trained trained) => this.trained = trained;

    private static string Backbone => Path.Combine(Shared.RepositoryRoot, "out/trainer/backbones/efficientnet_lite0-320.onnx");

    [Fact]
    public async Task Export_ATrainedModel_WritesWhatAnotherServerNeeds()
    {
        var file = Path.Combine(trained.Folder, "one", "merged.onnx");
        var ended = await TrainerProgram.Run("export", "--merged", file, "--model", trained.Model);
        Assert.True(ended.ExitCode == 0, ended.Errors);
        Assert.Equal(MergedGraph.Build(trained.Package, File.ReadAllBytes(Backbone)), File.ReadAllBytes(file));

        // As somebody would who has only this file and docs/formats.md.
        using var session = new InferenceSession(file);
        var said = session.ModelMetadata.CustomMetadataMap;
        Assert.Equal("inspection-merged/1", said["format"]);
        Assert.Equal(["good", "hole"], JsonSerializer.Deserialize<string[]>(said["classes"])!);
        Assert.Equal(("good", trained.Package.ModelId, trained.Package.PolicyId, "rgb", "320", "320"), (said["goodClass"], said["model"], said["policyId"], said["input.colour"], said["input.width"], said["input.height"]));
        using var policy = JsonDocument.Parse(said["policy"]);
        Assert.Equal(trained.Package.Policy.Thresholds["hole"], policy.RootElement.GetProperty("thresholds").GetProperty("hole").GetDouble());
        Assert.Contains("weights.license", said.Keys);
        using var hole = Cv2.ImRead(Path.Combine(trained.Data, "hole", "3.png"));
        using var prepared = new Mat();
        Cv2.Resize(hole, prepared, new Size(320, 320), 0, 0, InterpolationFlags.Linear);
        Cv2.CvtColor(prepared, prepared, ColorConversionCodes.BGR2RGB);
        prepared.GetArray(out Vec3b[] pixels);
        var (probabilities, distance) = Run(session, [.. pixels.SelectMany(p => (byte[])[p.Item0, p.Item1, p.Item2])]);

        var (expected, expectedDistance) = Pair(hole);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], probabilities[i], 1e-5f);
        Assert.Equal(expectedDistance, distance, 1e-4f);
        Assert.True(probabilities[1] > 0.9f);
    }

    [Fact]
    public void Build_ATrainedModel_PassesOnnxCheckerAndHasNoMaps()
    {
        var onnx = MergedGraph.Build(trained.Package, File.ReadAllBytes(Backbone));
        Assert.DoesNotContain(ModelProto.Parser.ParseFrom(onnx).Graph.Node, n => n.Name.Contains("map.", StringComparison.Ordinal));
        Assert.SkipUnless(Shared.IsCi || (File.Exists(Python) && Check("import onnx").Code == 0), "Debian's python3-onnx is not installed.");
        var file = Path.Combine(trained.Folder, "checked.onnx");
        File.WriteAllBytes(file, onnx);
        var (code, error) = Check("import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)", file);
        Assert.True(code == 0, error);
    }

    [Fact]
    public void Check_AnotherWeightInTheMergedFile_RefusesIt()
    {
        var model = ModelProto.Parser.ParseFrom(MergedGraph.Build(trained.Package, File.ReadAllBytes(Backbone)));
        Assert.InRange(MergedCheck.Check(trained.Package, Backbone, model.ToByteArray()), 0, MergedCheck.Tolerance);
        var bias = model.Graph.Initializer.Single(t => t.Name == "head/bias");
        bias.RawData = ByteString.CopyFrom([.. BitConverter.GetBytes(BitConverter.ToSingle(bias.RawData.Span) + 0.01f), .. bias.RawData.Span[4..]]);

        var refused = Assert.Throws<TrainingRefusedException>(() => MergedCheck.Check(trained.Package, Backbone, model.ToByteArray()));

        Assert.Contains("differs", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("embedding")]
    [InlineData("probabilities")]
    public void Build_AHeadOfAnotherForm_Refuses(string missing)
    {
        var head = ModelProto.Parser.ParseFrom(trained.Package.Head.Span);
        foreach (var value in head.Graph.Input.Concat(head.Graph.Output).Where(v => v.Name == missing)) value.Name = "other";

        Assert.Throws<TrainingRefusedException>(() => MergedGraph.Build(trained.Package with { Head = head.ToByteArray() }, File.ReadAllBytes(Backbone)));
    }

    [Theory]
    [InlineData(new byte[] { 0x3A, 0xFF })]
    [InlineData(new byte[0])]
    public void Build_ADamagedHead_Refuses(byte[] head) =>
        Assert.Throws<TrainingRefusedException>(() => MergedGraph.Build(trained.Package with { Head = head }, File.ReadAllBytes(Backbone)));

    [Fact]
    public async Task Export_NoModel_FailsAndWritesNothing()
    {
        var file = Path.Combine(trained.Folder, "nothing.onnx");
        var ended = await TrainerProgram.Run("export", "--merged", file, "--model", Path.Combine(trained.Folder, "none"));
        Assert.Equal((1, false), (ended.ExitCode, File.Exists(file)));
        Assert.Contains("none", ended.Errors, StringComparison.Ordinal);
        Assert.Equal(2, (await TrainerProgram.Run("export", "--model", trained.Model)).ExitCode);
    }

    private (float[] Probabilities, float Distance) Pair(Mat picture)
    {
        var manifest = trained.Package.Manifest;
        using var backbone = BackboneSession.Load(Backbone, manifest.Embedding.Preparation, RuntimeOptions.Default);
        using var preparer = new ImagePreparer(manifest.Embedding.Preparation);
        Assert.True(preparer.Prepare(picture, backbone.InputBuffer).Succeeded);
        backbone.Run();
        using var head = ParityGate.Open(trained.Package.Head.ToArray(), manifest.Embedding.Length, manifest.Classes.Count);
        var output = head.Run(backbone.EmbeddingValues);
        return (output.Probabilities.ToArray(), output.Distance);
    }

    private static (float[] Probabilities, float Distance) Run(InferenceSession session, byte[] pixels)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [1, 320, 320, 3]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["image"], [input], ["probabilities", "distance"]);
        return (outputs[0].GetTensorDataAsSpan<float>().ToArray(), outputs[1].GetTensorDataAsSpan<float>()[0]);
    }

    private static (int Code, string Error) Check(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", .. arguments]) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }

    /// <summary>Trains once for all tests.</summary>
    public sealed class Trained : IAsyncLifetime
    {
        public string Folder { get; } = Directory.CreateTempSubdirectory("merged").FullName;

        public string Data => Path.Combine(Folder, "data");

        public string Model => Path.Combine(Folder, "model");

        internal ModelPackage Package { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            DrawnPlates.Draw(Data, 8, "good", "hole");
            var ended = await TrainerProgram.Run("train", "--data", Data, "--out", Model);
            Assert.True(ended.ExitCode == 0, ended.Errors);
            Package = PackageReader.Read(Model);
        }

        public ValueTask DisposeAsync()
        {
            Directory.Delete(Folder, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
