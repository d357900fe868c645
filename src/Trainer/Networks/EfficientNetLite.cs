namespace Trainer.Networks;

/// <summary>
/// EfficientNet-Lite: EfficientNet (Tan and Le, 2019) without squeeze-and-excitation and with ReLU6, as published with TensorFlow
/// (github.com/tensorflow/tpu, models/official/efficientnet/lite). Stem, head and the repeats of the first and last row are not scaled.
/// </summary>
internal static class EfficientNetLite
{
    private const int Stem = 32;
    private const int Head = 1280;

    private static readonly Row[] Rows =
    [
        new(1, 3, 1, 1, 16),
        new(2, 3, 2, 6, 24),
        new(2, 5, 2, 6, 40),
        new(3, 3, 2, 6, 80),
        new(3, 5, 1, 6, 112),
        new(4, 5, 2, 6, 192),
        new(1, 3, 1, 6, 320),
    ];

    public static Network Build(string name, double width, double depth, int sizePx, double dropout, int classes = 1000)
    {
        List<Layer> stages = [ConvNormActivation(NetworkInput.Channels, Stem, 3, stride: 2)];
        var inputs = Stem;
        for (var i = 0; i < Rows.Length; i++)
        {
            var row = Rows[i];
            var outputs = ScaleChannels(row.Channels, width);
            var repeats = i == 0 || i == Rows.Length - 1 ? row.Repeats : (int)Math.Ceiling(row.Repeats * depth);
            stages.Add(RepeatedBlocks(row, repeats, inputs, outputs));
            inputs = outputs;
        }
        stages.Add(ConvNormActivation(inputs, Head, 1));
        return new(name, new(sizePx, Mean: 127, Scale: 128), new(stages), [5, 6, 8], new(new Dropout(dropout), new Linear(Head, classes)));
    }

    private static Sequential RepeatedBlocks(Row row, int repeats, int inputs, int outputs)
    {
        var blocks = new Layer[repeats];
        for (var i = 0; i < repeats; i++)
        {
            blocks[i] = MobileBlock(i == 0 ? inputs : outputs, outputs, row.Kernel, i == 0 ? row.Stride : 1, row.Expansion);
        }
        return new(blocks);
    }

    private static InvertedResidual MobileBlock(int inputs, int outputs, int kernel, int stride, int expansion)
    {
        var hidden = inputs * expansion;
        List<Layer> layers = [];
        if (expansion != 1) layers.Add(ConvNormActivation(inputs, hidden, 1));
        layers.Add(ConvNormActivation(hidden, hidden, kernel, stride, groups: hidden));
        layers.Add(new Sequential(new Conv(hidden, outputs, 1), Norm(outputs)));
        return new(new(layers), Skip: stride == 1 && inputs == outputs);
    }

    private static Sequential ConvNormActivation(int inputs, int outputs, int kernel, int stride = 1, int groups = 1) =>
        new(new Conv(inputs, outputs, kernel, stride, groups), Norm(outputs), new Relu6());

    private static BatchNorm Norm(int channels) => new(channels, Epsilon: 1e-3, Momentum: 0.01);

    /// <summary>The nearest multiple of 8, but never more than a tenth below.</summary>
    private static int ScaleChannels(int channels, double width)
    {
        var scaled = channels * width;
        var rounded = Math.Max(8, (int)(scaled + 4) / 8 * 8);
        return rounded < 0.9 * scaled ? rounded + 8 : rounded;
    }

    private sealed record Row(int Repeats, int Kernel, int Stride, int Expansion, int Channels);
}
