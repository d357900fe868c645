using OpenCvSharp;

namespace Trainer.Tests;

/// <summary>A folder a class of drawn pictures: grey noise from a seed; a hole is a dark disc.</summary>
internal static class DrawnPlates
{
    public static void Draw(string folder, int perClass, params string[] classes)
    {
        Cv2.SetTheRNG(5);
        foreach (var name in classes)
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            for (var i = 0; i < perClass; i++)
            {
                using var plate = new Mat(160, 160, MatType.CV_8UC1);
                Cv2.Randn(plate, Scalar.All(150), Scalar.All(12));
                if (name == "hole") Cv2.Circle(plate, 50 + i * 4, 90 - i * 3, 22, Scalar.All(20), -1);
                Cv2.ImWrite(Path.Combine(folder, name, $"{i}.png"), plate);
            }
        }
    }
}
