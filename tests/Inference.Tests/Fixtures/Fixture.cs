namespace Inference.Tests.Fixtures;

/// <summary>The small ONNX files that make.py writes.</summary>
internal static class Fixture
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Fixtures", name + ".onnx");

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path(name));
}
