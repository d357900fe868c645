using System.CommandLine;
using Appliance.Exchange;
using Appliance.Recovery;
using Appliance.Web;

namespace Appliance.CommandLine;

internal static class ImportCommand
{
    // The station takes four at once, and others may import too.
    private const int AtOnce = 2;
    private const int Attempts = 60;

    public static Command Create()
    {
        var (url, by) = (StationClient.Url(), StationClient.By());
        var directory = new Argument<DirectoryInfo>("folder") { Description = $"a folder of class folders; {ImportFolder.ListName} in it says more: file,class,part,by,at,history,sample" };
        var list = new Option<FileInfo>("--csv") { Description = $"the list, where it is not {ImportFolder.ListName} in the folder; its files are looked for in the folder" };
        var newClasses = new Option<bool>("--new-classes") { Description = "allow classes that no sample has yet" };
        var command = new Command("import", "Brings labelled pictures into the running station. What is a sample already is found again, so it may be repeated.") { directory, list, newClasses, by, url };
        command.SetAction((parsed, cancellation) => StationClient.RunAsync(parsed, client =>
        {
            if (parsed.GetValue(directory) is not { Exists: true }) throw new StationException($"There is no folder '{parsed.GetValue(directory)!.FullName}'.");
            if (parsed.GetValue(list) is { Exists: false } missing) throw new StationException($"There is no list '{missing.FullName}'.");
            var plan = new ImportFolder(parsed.GetValue(directory)!.FullName, parsed.GetValue(list)?.FullName).Read();
            return RunAsync(client, plan, parsed.GetValue(by)!, parsed.GetValue(newClasses), cancellation);
        }));
        return command;
    }

    private static async Task RunAsync(StationClient client, ImportPlan plan, string by, bool newClasses, CancellationToken cancellation)
    {
        // A class that is new and not allowed, by what the station says of it, with how many pictures have it.
        var newOnes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (gate, progress) = (new Lock(), new Progress(Console.Error));
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (done, failed) = (0, plan.Problems.Count);
        foreach (var problem in plan.Problems) await Console.Error.WriteLineAsync(problem);
        await Parallel.ForEachAsync(plan.Items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (item, token) =>
        {
            var (view, problem, isNewClass) = await TakeAsync(client, item, by, newClasses, token);
            lock (gate)
            {
                if (view is null)
                {
                    failed++;
                    if (isNewClass) newOnes[problem!] = newOnes.GetValueOrDefault(problem!) + 1;
                    else Console.Error.WriteLine($"{item.Where}: {problem}");
                }
                else
                {
                    outcomes[view.Outcome] = outcomes.GetValueOrDefault(view.Outcome) + 1;
                    if (view.Outcome == "differs") Console.Error.WriteLine($"{item.Where}: sample {view.Sample} has this picture and is '{view.Label}'; that stays");
                }

                progress.Say($"{++done} of {plan.Items.Count}");
            }
        });
        foreach (var (problem, pictures) in newOnes) await Console.Error.WriteLineAsync(pictures == 1 ? $"1 picture: {problem}" : $"{pictures} pictures: {problem}");
        Console.WriteLine($"{outcomes.GetValueOrDefault("kept")} imported, {outcomes.GetValueOrDefault("found")} were there, {outcomes.GetValueOrDefault("labelled")} were there and are labelled now, "
            + $"{outcomes.GetValueOrDefault("differs")} were there with another label, {failed} could not be imported");
        if (failed > 0) throw new StationException("Not all of it was imported.");
    }

    private static async Task<(ImportView? View, string? Problem, bool IsNewClass)> TakeAsync(StationClient client, ImportItem item, string by, bool newClasses, CancellationToken cancellation)
    {
        var query = string.Join('&', item.Query.Append(new("by", by)).Append(new("newClasses", newClasses ? "true" : "false")).Select(q => $"{q.Key}={Uri.EscapeDataString(q.Value)}"));
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var file = File.OpenRead(item.Path);
                return (await client.PostFileAsync("/api/v1/samples/import?" + query, file, WebJson.Default.ImportView), null, false);
            }
            catch (StationException e) when (e.IsTemporary && attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
            }
            catch (HttpRequestException e) when (e.HttpRequestError != HttpRequestError.ConnectionError && attempt < Attempts)
            {
                // The service refuses a picture before it has all of it, and may close the connection under the next one. Whether that one was taken is not known; asked again, it is found.
                await Task.Delay(TimeSpan.FromSeconds(0.1), cancellation);
            }
            catch (Exception e) when (e is StationException or IOException or UnauthorizedAccessException)
            {
                return (null, e.Message, e is StationException { IsConflict: true });
            }
        }
    }
}
