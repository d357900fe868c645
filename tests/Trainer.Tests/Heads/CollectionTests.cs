using Trainer.Heads;

namespace Trainer.Tests.Heads;

public class CollectionTests
{
    // Half a minute; what it looks for is found by TensorArithmeticTests in the code. With TorchSharp's own operators 3 of 20 trainings failed.
    [Fact(Explicit = true)]
    public void Train_WhileGarbageIsCollectedWithoutPause_GivesTheSameNumbers()
    {
        var set = Synthetic.Set(30, "good", "scratch", "pit");
        var quiet = HeadTrainer.Train(set);
        using var done = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            for (var round = 0; round < 30; round++)
            {
                var disturbed = HeadTrainer.Train(set);
                Assert.Equal(quiet.Head.Weights, disturbed.Head.Weights);
                Assert.Equal(quiet.Distances, disturbed.Distances);
            }
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
    }
}
