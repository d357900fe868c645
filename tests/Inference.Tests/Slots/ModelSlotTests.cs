using Inference.Decisions;
using Inference.Heads;
using Inference.Packages;
using Inference.Slots;
using Inference.Tests.Fixtures;
using Inference.Tests.Packages;

namespace Inference.Tests.Slots;

public sealed class ModelSlotTests : IDisposable
{
    private readonly SlotModels models = new();
    private readonly ModelSlot slot = SlotModels.Slot();

    public void Dispose()
    {
        slot.Dispose();
        models.Dispose();
    }

    [Fact]
    public void Lease_NothingPublished_HoldsNothing()
    {
        using var lease = slot.Lease();

        Assert.False(lease.Held);
        Assert.Null(slot.CurrentId);
        Assert.Throws<InvalidOperationException>(() => lease.Model);
    }

    [Fact]
    public void Publish_LoadedModel_JudgesFromTheNextLeaseOn()
    {
        var model = SlotModels.Load(slot, models.Straight);
        Assert.Null(slot.CurrentId);

        slot.Publish(model);

        using var lease = slot.Lease();
        Assert.Equal((models.Straight.ModelId, models.Straight.PolicyId, models.Straight.ModelId), (lease.Model.ModelId, lease.Model.PolicyId, slot.CurrentId));
        Assert.Equal("ok", SlotModels.Judge(lease.Model));
    }

    [Fact]
    public void Publish_AnotherWhileLeased_KeepsTheOldUntilItsLastReturn()
    {
        var old = SlotModels.Load(slot, models.Straight);
        slot.Publish(old);
        var (first, second) = (slot.Lease(), slot.Lease());

        slot.Publish(SlotModels.Load(slot, models.Swapped));

        using (var now = slot.Lease()) Assert.Equal("scratch", SlotModels.Judge(now.Model));
        Assert.Equal("ok", SlotModels.Judge(first.Model));
        first.Dispose();
        Assert.True(SlotModels.IsAlive(old));
        Assert.Equal("ok", SlotModels.Judge(second.Model));
        second.Dispose();
        Assert.False(SlotModels.IsAlive(old));
    }

    [Fact]
    public void Publish_NobodyHasLeased_DisposesTheOldAtOnce()
    {
        var old = SlotModels.Load(slot, models.Straight);
        slot.Publish(old);
        slot.Publish(SlotModels.Load(slot, models.Swapped));
        Assert.False(SlotModels.IsAlive(old));
    }

    [Fact]
    public void Publish_TheLiveModelAgain_LeavesItLive()
    {
        var model = SlotModels.Load(slot, models.Straight);
        slot.Publish(model);
        slot.Publish(model);

        using var lease = slot.Lease();
        Assert.Equal("ok", SlotModels.Judge(lease.Model));
    }

    [Fact]
    public void Dispose_WhileLeased_WaitsForTheReturn()
    {
        var model = SlotModels.Load(slot, models.Straight);
        slot.Publish(model);
        var lease = slot.Lease();

        slot.Dispose();

        Assert.Null(slot.CurrentId);
        Assert.Equal("ok", SlotModels.Judge(lease.Model));
        lease.Dispose();
        Assert.False(SlotModels.IsAlive(model));
    }

    [Fact]
    public void Dispose_ModelTwice_TakesNoLeaseAway()
    {
        var model = SlotModels.Load(slot, models.Straight);
        slot.Publish(model);
        var lease = slot.Lease();
        model.Dispose();
        model.Dispose();

        Assert.True(SlotModels.IsAlive(model));
        lease.Dispose();
        Assert.False(SlotModels.IsAlive(model));
        // And whoever disposed what the slot owns hears of it; nobody waits for ever.
        Assert.Throws<ObjectDisposedException>(() => slot.Lease());
    }

    [Fact]
    public void Dispose_CandidateThatIsNotWanted_FreesIt()
    {
        var candidate = SlotModels.Load(slot, models.Straight);
        candidate.Dispose();
        Assert.False(SlotModels.IsAlive(candidate));
    }

    public static TheoryData<string, Func<ModelManifest, ModelManifest>, byte[]?> Refusals()
    {
        var head = Fixture.Bytes("head");
        return new()
        {
            { "reads embeddings", m => m with { Embedding = m.Embedding with { Backbone = new string('f', 64) } }, null },
            { "reads embeddings", m => m with { Embedding = m.Embedding with { Preparation = m.Embedding.Preparation with { WidthPx = 9 } } }, null },
            { "canary 0 gives 'ok'", m => m with { Canaries = [TestPackage.CanaryOf(TestPackage.LikeOk, swapped: true)] }, null },
            { "canary 1 has the distance", m => m with { Canaries = [m.Canaries[0], m.Canaries[1] with { Distance = m.Canaries[1].Distance * 1.01f }] }, null },
            { "canary 0 gives 'ok' NaN", m => m with { Canaries = [m.Canaries[0] with { Embedding = TestPackage.Base64([float.NaN, 0, 0, 0, 0, 0]) }] }, null },
            { "canary 0 gives 'ok'", m => m, Fixture.Bytes("head-swapped") },
            { "Cannot load the head", m => m, head[..(head.Length / 2)] },
            { "Cannot load the head", m => m, [] },
            { "Cannot load the head", m => m, [.. Enumerable.Repeat((byte)0x5A, 500)] },
            { "no output 'logits'", m => m, Fixture.Bytes("head-no-logits") },
            { "no input 'embedding'", m => m, Fixture.Bytes("backbone") },
            { "'logits' is [1,2]; [1,3] is expected", m => m with { Classes = ["ok", "scratch", "pit"] }, null },
        };
    }

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public void Load_CandidateThatIsWrong_IsRefusedBesideTheLiveModel(string said, Func<ModelManifest, ModelManifest> change, byte[]? head)
    {
        slot.Publish(SlotModels.Load(slot, models.Swapped));

        var result = slot.Load(models.Changed(change, head));

        Assert.Null(result.Model);
        Assert.Contains($"Model {models.Straight.ModelId}", result.Reason, StringComparison.Ordinal);
        Assert.Contains(said, result.Reason, StringComparison.Ordinal);
        using var lease = slot.Lease();
        Assert.Equal(models.Swapped.ModelId, lease.Model.ModelId);
        Assert.Equal("scratch", SlotModels.Judge(lease.Model));
    }

    /// <summary>Past the reader's checks, as if somebody had made hashes and sums to fit.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Load_HeadWithRandomDamage_IsRefusedOrAnswersAsItsCanaries(int seed)
    {
        var random = new Random(seed);
        var whole = Fixture.Bytes("head");
        var (refused, loaded) = (0, 0);
        for (var i = 0; i < 300; i++)
        {
            byte[] head = [.. whole];
            for (var flips = random.Next(1, 3); flips > 0; flips--) head[random.Next(head.Length)] ^= (byte)(1 << random.Next(8));
            if (HeadFile.Refuse(head) is not null) continue;
            var result = slot.Load(models.Changed(m => m, head));
            if (result.Model is null)
            {
                refused++;
                continue;
            }

            loaded++;
            using var model = result.Model;
            Assert.Equal("ok", SlotModels.Judge(model));
        }

        Assert.True(refused > 50 && loaded > 10, $"{refused} refused, {loaded} loaded");
    }

    [Fact]
    public void Load_PolicyDoesNotFit_Throws()
    {
        var policy = new DecisionPolicy { Thresholds = new Dictionary<string, double>(), UnseenLimit = 1 };
        Assert.Throws<ArgumentException>(() => slot.Load(models.Straight with { Policy = policy }));
        Assert.Null(slot.CurrentId);
    }

    [Fact]
    public void Lease_ManyTimes_AllocatesNothing()
    {
        slot.Publish(SlotModels.Load(slot, models.Straight));
        for (var i = 0; i < 100; i++) Judge();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Judge();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Judge()
        {
            using var lease = slot.Lease();
            HeadOutput output = lease.Model.Head.Run(TestPackage.LikeOk);
            lease.Model.Decider.Decide(output.Probabilities, output.Distance);
        }
    }
}
