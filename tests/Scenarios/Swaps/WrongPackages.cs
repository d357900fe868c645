using System.Text.Json.Nodes;
using Scenarios.Harness;

namespace Scenarios.Swaps;

/// <summary>A stored package damaged in every way, and made live by hand: each time refused with the reason, and the live model stays.</summary>
internal static class WrongPackages
{
    public static async Task RefuseAsync(Station station, string model)
    {
        var package = Path.Combine(station.State, "models", model);
        var live = (string)(await station.GetAsync("/api/v1/status"))["model"]!;
        foreach (var (way, reason, damage) in Ways(package))
        {
            var sound = Directory.EnumerateFiles(package).ToDictionary(f => f, File.ReadAllBytes);
            await damage();
            using var answer = await station.TryPostAsync($"/api/v1/models/{model}/promote", new JsonObject { ["by"] = "anna", ["why"] = "a test" });
            var said = await answer.Content.ReadAsStringAsync();
            Assert.True(!answer.IsSuccessStatusCode && said.Contains(reason, StringComparison.Ordinal), $"{way}: {(int)answer.StatusCode} {said}");
            Assert.Equal(live, (string)(await station.GetAsync("/api/v1/status"))["model"]!);
            foreach (var (file, bytes) in sound) await File.WriteAllBytesAsync(file, bytes);
        }
    }

    private static IEnumerable<(string Way, string Reason, Func<Task> Damage)> Ways(string package)
    {
        var (head, manifest) = (Path.Combine(package, "head.onnx"), Path.Combine(package, "manifest.json"));
        yield return ("truncated", "head.onnx", async () => await File.WriteAllBytesAsync(head, (await File.ReadAllBytesAsync(head))[..1000]));
        yield return ("one bit altered", "head.onnx", async () =>
        {
            var bytes = await File.ReadAllBytesAsync(head);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(head, bytes);
        });
        yield return ("a file gone", "policy.json", () =>
        {
            File.Delete(Path.Combine(package, "policy.json"));
            return Task.CompletedTask;
        });
        // From here on with sums that are right: someone who meant it.
        yield return ("another canary", "canary 0", () => RewriteAsync(package, manifest, m =>
        {
            var probabilities = m["canaries"]![0]!["probabilities"]!.AsArray();
            var first = (double)probabilities[0]!;
            (probabilities[0], probabilities[1]) = (JsonValue.Create((double)probabilities[1]!), JsonValue.Create(first));
        }));
        yield return ("another shape", "", () => RewriteAsync(package, manifest, m => m["classes"]!.AsArray().Add("third")));
        yield return ("another embedding", "", () => RewriteAsync(package, manifest, m => m["embedding"]!["segments"]![0]!["length"] = 3));
    }

    private static async Task RewriteAsync(string package, string manifest, Action<JsonNode> change)
    {
        var content = JsonNode.Parse(await File.ReadAllTextAsync(manifest))!;
        change(content);
        await File.WriteAllTextAsync(manifest, content.ToJsonString());
        var (code, sums) = await RunningProgram.RunAsync("sh", "-c", $"cd '{package}' && sha256sum head.onnx manifest.json policy.json");
        Assert.Equal(0, code);
        await File.WriteAllTextAsync(Path.Combine(package, "SHA256SUMS"), sums.Trim() + "\n");
    }
}
