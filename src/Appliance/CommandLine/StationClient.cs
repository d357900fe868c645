using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Appliance.Web;

namespace Appliance.CommandLine;

/// <summary>Talks to the running service, which alone changes state.</summary>
internal sealed class StationClient : IDisposable
{
    private const string KeyFileOption = "--key-file";
    private readonly HttpClient http;

    /// <param name="key">Null where none is needed.</param>
    public StationClient(Uri address, string? key = null)
    {
        http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
        if (key is not null) http.DefaultRequestHeaders.Authorization = new("Bearer", key);
    }

    /// <summary>Where the service listens: <c>--url</c>, else the environment's <c>APPLIANCE_URL</c>, else the default.</summary>
    public static Option<Uri> Url() => new("--url")
    {
        Description = "address of the running service (default: $APPLIANCE_URL, else http://127.0.0.1:8080)",
        CustomParser = result => Parse(result, result.Tokens[0].Value)!,
        DefaultValueFactory = result => Parse(result, Environment.GetEnvironmentVariable("APPLIANCE_URL") ?? "http://127.0.0.1:8080")!,
    };

    private static Uri? Parse(ArgumentResult result, string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp) return address;
        result.AddError($"'{text}' is not the address of a service; it takes http://ADDRESS:PORT, for example http://127.0.0.1:8080.");
        return null;
    }

    /// <summary>Gives every command that talks to the service a way to name its key. Never by an argument, which every process of the machine can read.</summary>
    public static RootCommand AddKeyFile(RootCommand root)
    {
        foreach (var command in Below(root).Where(c => c.Options.Any(o => o.Name == "--url")))
            command.Add(new Option<string?>(KeyFileOption) { Description = "file with the key to the service, where it asks for one (default: $APPLIANCE_KEY_FILE)" });
        return root;
    }

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(Below).Append(command);

    public static Option<string> By() => new("--by") { Description = "who asks for it", DefaultValueFactory = _ => Environment.UserName };

    /// <summary>For changes that are not made without a reason.</summary>
    public static Option<string> Why() => new("--why") { Description = "the reason, for the record", Required = true };

    public static Option<bool> OverrideMustCatch() => new("--override-must-catch") { Description = "answer for must-catch samples that would pass, or that cannot be judged" };

    public static Option<bool> Json() => new("--json") { Description = "one JSON object instead of words" };

    /// <summary>Runs one exchange and turns what goes wrong into a message and an exit code.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, Func<StationClient, Task> exchange)
    {
        var address = parsed.GetRequiredValue<Uri>("--url");
        try
        {
            using var client = new StationClient(address, await KeyAsync(parsed.GetValue<string?>(KeyFileOption) ?? Environment.GetEnvironmentVariable("APPLIANCE_KEY_FILE")));
            await exchange(client);
            return ExitCodes.Done;
        }
        catch (StationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
        catch (HttpRequestException e)
        {
            await Console.Error.WriteLineAsync($"No service answers at {address}: {e.Message.TrimEnd('.')}. Start it with 'appliance run', or name it with --url.");
        }
        catch (JsonException)
        {
            await Console.Error.WriteLineAsync($"What answers at {address} is no appliance of this version. Name the right one with --url.");
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            await Console.Error.WriteLineAsync($"The service at {address} did not answer in time. 'appliance status' tells whether it is busy.");
        }

        return ExitCodes.Failed;
    }

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type) => ReadAsync(http.GetAsync(path), type);

    public async Task<byte[]> GetBytesAsync(string path)
    {
        using var response = await http.GetAsync(path);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync() : throw new StationException(await DetailAsync(response));
    }

    public Task<T> PostAsync<TBody, T>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type) =>
        ReadAsync(http.PostAsync(path, JsonContent.Create(body, bodyType)), type);

    /// <summary>Sends a file as it is.</summary>
    public Task<T> PostFileAsync<T>(string path, Stream file, JsonTypeInfo<T> type) =>
        ReadAsync(http.PostAsync(path, new StreamContent(file) { Headers = { ContentType = new("application/octet-stream") } }), type);

    /// <summary>A file; null where it is gone.</summary>
    public async Task<byte[]?> TryGetFileAsync(string path)
    {
        using var response = await http.GetAsync(path);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        return response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync() : throw await RefusedAsync(response);
    }

    public void Dispose() => http.Dispose();

    private static async Task<string?> KeyAsync(string? file)
    {
        if (string.IsNullOrEmpty(file)) return null;
        try
        {
            var key = (await File.ReadAllTextAsync(file)).Trim();
            return key.Length > 0 && key.All(c => c is > ' ' and <= '~') ? key : throw new StationException($"{file} holds no key; 'appliance keys add' prints one.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StationException($"The key cannot be read: {e.Message}");
        }
    }

    private static async Task<T> ReadAsync<T>(Task<HttpResponseMessage> exchange, JsonTypeInfo<T> type)
    {
        using var response = await exchange;
        if (response.IsSuccessStatusCode) return (await response.Content.ReadFromJsonAsync(type))!;
        throw await RefusedAsync(response);
    }

    private static async Task<StationException> RefusedAsync(HttpResponseMessage response) =>
        new(await DetailAsync(response)) { IsTemporary = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable, IsConflict = response.StatusCode is HttpStatusCode.Conflict };

    private static async Task<string> DetailAsync(HttpResponseMessage response)
    {
        try
        {
            var problem = await response.Content.ReadFromJsonAsync(WebJson.Default.ProblemDetails);
            return problem?.Detail ?? $"The service answered {(int)response.StatusCode}.";
        }
        catch (JsonException)
        {
            return $"The service answered {(int)response.StatusCode}.";
        }
    }
}

/// <summary>The service refused; the message says why.</summary>
internal sealed class StationException(string message) : Exception(message)
{
    /// <summary>Whether it may be taken when it is asked again: the station has too much to do, or no room.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>Whether what is there stands against it (409).</summary>
    public bool IsConflict { get; init; }
}
