using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>
/// L-BFGS with a diagonal first guess of the inverse Hessian and backtracking (Nocedal and Wright, Numerical Optimization, 7.2).
/// For smooth convex functions, where every accepted step keeps the curvature positive.
/// </summary>
internal static class Lbfgs
{
    private const int Memory = 12;
    private const int MostIterations = 300;

    // Of the gradient's length in the first guess's metric, against the start: on kept embeddings of real parts probabilities are then within 4e-4 (root mean square).
    private const double GradientTolerance = 1e-4;

    // The objective's products are float32: a rise below this share of its value is rounding.
    private const double Rounding = 1e-7;

    /// <summary>Returns the minimiser, which the caller owns.</summary>
    /// <param name="objective">Value and gradient (owned by this method) at a point.</param>
    /// <param name="start">Where to begin; not changed.</param>
    /// <param name="inverseDiagonal">First guess of the inverse Hessian's diagonal, of a shape that broadcasts to the point's.</param>
    public static (Tensor Point, int Iterations) Minimise(Func<Tensor, (double Value, Tensor Gradient)> objective, Tensor start, Tensor inverseDiagonal)
    {
        using var scope = NewDisposeScope();
        var point = start.clone();
        var (value, gradient) = objective(point);
        var pairs = new LinkedList<(Tensor Step, Tensor Change, double Inverse)>();
        var iteration = 0;
        var least = GradientTolerance * Length(gradient, inverseDiagonal);
        for (; iteration < MostIterations && Length(gradient, inverseDiagonal) > least; iteration++)
        {
            using var inner = NewDisposeScope();
            var direction = Direction(gradient, pairs, inverseDiagonal);
            var slope = Dot(direction, gradient);
            var length = 1.0;
            Tensor next, nextGradient;
            double nextValue;
            while (true)
            {
                next = point.Plus(direction.Times(length));
                (nextValue, nextGradient) = objective(next);
                if (nextValue <= value + 1e-4 * length * slope + Rounding * Math.Abs(value)) break;
                length /= 2;
                if (length < 1e-6) return (point.MoveToOuterDisposeScope(), iteration);
            }

            var step = next - point;
            var change = nextGradient - gradient;
            var curvature = Dot(step, change);
            if (curvature > 1e-16)
            {
                pairs.AddFirst((step.MoveToOuterDisposeScope(), change.MoveToOuterDisposeScope(), 1 / curvature));
                if (pairs.Count > Memory) Drop(pairs);
            }

            point.Dispose();
            gradient.Dispose();
            (point, value, gradient) = (next.MoveToOuterDisposeScope(), nextValue, nextGradient.MoveToOuterDisposeScope());
        }

        return (point.MoveToOuterDisposeScope(), iteration);
    }

    private static Tensor Direction(Tensor gradient, LinkedList<(Tensor Step, Tensor Change, double Inverse)> pairs, Tensor inverseDiagonal)
    {
        var q = gradient.neg();
        var alphas = new double[pairs.Count];
        var i = 0;
        foreach (var (step, change, inverse) in pairs)
        {
            alphas[i] = inverse * Dot(step, q);
            q.AddInPlace(change, -alphas[i++]);
        }

        var r = q * inverseDiagonal;
        if (pairs.First is { } last)
        {
            var scaled = last.Value.Change * inverseDiagonal;
            r.ScaleInPlace(1 / (last.Value.Inverse * Dot(last.Value.Change, scaled)));
        }

        for (var node = pairs.Last; node is not null; node = node.Previous)
        {
            var (step, change, inverse) = node.Value;
            r.AddInPlace(step, alphas[--i] - inverse * Dot(change, r));
        }

        return r;
    }

    private static void Drop(LinkedList<(Tensor Step, Tensor Change, double Inverse)> pairs)
    {
        pairs.Last!.Value.Step.Dispose();
        pairs.Last.Value.Change.Dispose();
        pairs.RemoveLast();
    }

    private static double Length(Tensor gradient, Tensor inverseDiagonal)
    {
        using var scaled = gradient * inverseDiagonal;
        return Math.Sqrt(Dot(scaled, gradient));
    }

    private static double Dot(Tensor a, Tensor b)
    {
        using var product = a.flatten().dot(b.flatten());
        return product.item<double>();
    }
}
