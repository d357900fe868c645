using OpenCvSharp;

namespace Appliance.Capture.Simulation;

/// <summary>
/// Draws one defect as a map of relative brightness (128 leaves the surface as it is), softens it and multiplies it onto the surface,
/// so that tool marks stay visible through it. Good plates get dust, which is no defect.
/// </summary>
internal sealed class PlateDefects : IDisposable
{
    private readonly Mat map = new(PlateSimulator.HeightPx, PlateSimulator.WidthPx, MatType.CV_8UC1, new Scalar(128));

    public void Draw(Mat plate, string kind, ref SplitMix random)
    {
        Dust(plate, ref random);
        switch (kind)
        {
            case "scratch": Scratch(plate, ref random); break;
            case "pit": Pits(plate, ref random); break;
            case "stain": Stain(plate, ref random); break;
            case "crack": Crack(plate, ref random); break;
        }
    }

    public void Dispose() => map.Dispose();

    private void Dust(Mat plate, ref SplitMix random)
    {
        for (var i = random.Below(5); i > 0; i--)
        {
            var at = Place(ref random, 10);
            Cv2.Circle(map, at, 1, new Scalar(random.Between(104, 116)), -1, LineTypes.AntiAlias);
            Apply(plate, new Rect(at.X - 4, at.Y - 4, 9, 9), 0.7);
        }
    }

    // A slightly bent line across the tool marks, bright where metal was pushed up, dark beside it; it fades at its ends.
    private void Scratch(Mat plate, ref SplitMix random)
    {
        var strokes = 1 + random.Below(3) / 2;
        var direction = random.Between(0, Math.PI);
        for (var s = 0; s < strokes; s++)
        {
            var middle = Place(ref random, 40);
            var heading = direction + random.Normal() * 0.08;
            var bend = random.Normal() * 0.006;
            var length = random.Between(70, 240);
            var strength = random.Between(38, 84);
            var (x, y) = (middle.X - Math.Cos(heading) * length / 2, middle.Y - Math.Sin(heading) * length / 2);
            var path = new List<Point> { new((int)x, (int)y) };
            for (var step = 0.0; step < length; step += 5)
            {
                x += 5 * Math.Cos(heading += bend);
                y += 5 * Math.Sin(heading);
                path.Add(new Point((int)Math.Round(x), (int)Math.Round(y)));
            }

            for (var i = 1; i < path.Count; i++)
            {
                var fade = Math.Min(1, Math.Min(i, path.Count - i) / 4.0) * random.Between(0.6, 1.1);
                Cv2.Line(map, Beside(path[i - 1]), Beside(path[i]), new Scalar(128 - strength * 0.6 * fade), 1, LineTypes.AntiAlias);
                Cv2.Line(map, path[i - 1], path[i], new Scalar(128 + strength * fade), 1, LineTypes.AntiAlias);
            }

            Apply(plate, Around(path, 6), 0.7);
        }
    }

    // One larger or a few small hollows: dark, with light on the rim away from the lamp.
    private void Pits(Mat plate, ref SplitMix random)
    {
        var centre = Place(ref random, 40);
        for (var i = 1 + random.Below(4); i > 0; i--)
        {
            var at = new Point(centre.X + (int)(random.Normal() * 22), centre.Y + (int)(random.Normal() * 22));
            var size = new Size(random.Between(3, 7.5), random.Between(3, 6));
            var angle = random.Between(0, 180);
            Cv2.Ellipse(map, at, new Size(size.Width + 1, size.Height + 1), angle, 20, 170, new Scalar(random.Between(150, 178)), 1, LineTypes.AntiAlias);
            Cv2.Ellipse(map, at, size, angle, 0, 360, new Scalar(random.Between(58, 88)), -1, LineTypes.AntiAlias);
            Cv2.Circle(map, new Point(at.X - 1, at.Y - 1), 1, new Scalar(random.Between(36, 56)), -1, LineTypes.AntiAlias);
            Apply(plate, new Rect(at.X - 14, at.Y - 14, 29, 29), 0.9);
        }
    }

    // A dried drop: an irregular darker patch, darkest at its edge.
    private void Stain(Mat plate, ref SplitMix random)
    {
        var centre = Place(ref random, 60);
        var radius = random.Between(22, 62);
        var (a, b, c) = (random.Unit() * 6.28, random.Unit() * 6.28, random.Unit() * 6.28);
        var flat = random.Between(0.6, 1);
        var outline = new Point[48];
        for (var i = 0; i < outline.Length; i++)
        {
            var angle = i * 2 * Math.PI / outline.Length;
            var r = radius * (1 + 0.16 * Math.Sin(2 * angle + a) + 0.1 * Math.Sin(3 * angle + b) + 0.05 * Math.Sin(7 * angle + c));
            outline[i] = new Point(centre.X + (int)(r * Math.Cos(angle)), centre.Y + (int)(r * flat * Math.Sin(angle)));
        }

        var inside = random.Between(104, 116);
        Cv2.FillPoly(map, [outline], new Scalar(inside), LineTypes.AntiAlias);
        Cv2.Polylines(map, [outline], true, new Scalar(inside - random.Between(8, 20)), 3, LineTypes.AntiAlias);
        Apply(plate, Around(outline, 12), 2.6);
    }

    // A thin dark jagged line that wanders, thickest in the middle, with a branch now and then.
    private void Crack(Mat plate, ref SplitMix random)
    {
        var path = new List<Point>();
        Branch(Place(ref random, 40), random.Between(0, 2 * Math.PI), random.Between(60, 170), random.Between(38, 66), path, ref random, forks: 2);
        Apply(plate, Around(path, 6), 0.55);
    }

    private void Branch(Point start, double heading, double length, double dark, List<Point> all, ref SplitMix random, int forks)
    {
        var at = start;
        all.Add(at);
        for (var done = 0.0; done < length;)
        {
            var step = random.Between(4, 11);
            var turn = heading + random.Normal() * 0.55;
            var next = new Point(at.X + (int)Math.Round(step * Math.Cos(turn)), at.Y + (int)Math.Round(step * Math.Sin(turn)));
            var middle = done > length * 0.25 && done < length * 0.65;
            Cv2.Line(map, at, next, new Scalar(128 - dark * random.Between(0.7, 1.15)), forks == 2 && middle ? 2 : 1, LineTypes.AntiAlias);
            all.Add(at = next);
            done += step;
            heading += random.Normal() * 0.09;
            if (forks > 0 && random.Unit() < 0.07) Branch(at, heading + (random.Unit() < 0.5 ? 0.7 : -0.7), length * 0.3, dark * 0.8, all, ref random, --forks);
        }
    }

    // Multiplies the map onto the surface inside the box and wipes it there.
    private void Apply(Mat plate, Rect box, double sigma)
    {
        box = box.Intersect(new Rect(0, 0, plate.Cols, plate.Rows));
        if (box.Width <= 0 || box.Height <= 0) return;
        using var part = new Mat(map, box);
        using var surface = new Mat(plate, box);
        Cv2.GaussianBlur(part, part, new Size(0, 0), sigma);
        Cv2.Multiply(surface, part, surface, 1 / 128.0);
        part.SetTo(new Scalar(128));
    }

    private static Point Beside(Point point) => new(point.X + 1, point.Y + 1);

    private static Rect Around(IEnumerable<Point> points, int margin)
    {
        var box = Cv2.BoundingRect(points);
        box.Inflate(margin, margin);
        return box;
    }

    // On the face, clear of edges and bores.
    private static Point Place(ref SplitMix random, int margin)
    {
        while (true)
        {
            var face = PlateFixture.Face;
            var at = new Point(face.X + margin + random.Below(face.Width - 2 * margin), face.Y + margin + random.Below(face.Height - 2 * margin));
            if (PlateFixture.Bores.All(bore => bore.DistanceTo(at) > PlateFixture.BoreRadiusPx + margin)) return at;
        }
    }
}
