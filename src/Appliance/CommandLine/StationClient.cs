using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Appliance.Web;

namespace Appliance.CommandLine;

/// <summary>Talks to the running service, which alone changes state.</summary>
internal sealed class StationClient(Uri address) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };

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

    public static Option<string> By() => new("--by") { Description = "who asks for it", DefaultValueFactory = _ => Environment.UserName };

    public static Option<bool> Json() => new("--json") { Description = "one JSON object instead of words" };

    /// <summary>Runs one exchange and turns what goes wrong into a message and an exit code.</summary>
    public static async Task<int> RunAsync(Uri address, Func<StationClient, Task> exchange)
    {
        using var client = new StationClient(address);
        try
        {
            await exchange(client);
            return ExitCodes.Done;
        }
        catch (StationException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
        catch (HttpRequestException e)
        {
            await Console.Error.WriteLineAsync($"No service answers at {address}: {e.Message}. Start it with 'appliance run', or name it with --url.");
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

    public Task<T> PostAsync<TBody, T>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type) =>
        ReadAsync(http.PostAsync(path, JsonContent.Create(body, bodyType)), type);

    public void Dispose() => http.Dispose();

    private static async Task<T> ReadAsync<T>(Task<HttpResponseMessage> exchange, JsonTypeInfo<T> type)
    {
        using var response = await exchange;
        if (response.IsSuccessStatusCode) return (await response.Content.ReadFromJsonAsync(type))!;
        throw new StationException(await DetailAsync(response));
    }

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
internal sealed class StationException(string message) : Exception(message);
