using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Health;
using Appliance.Hosting;
using Appliance.Web;

namespace Appliance.Diagnosis;

/// <summary>The service that has the state directory, where one has: it alone can be asked of a camera that it uses.</summary>
/// <param name="Health">What it says of itself.</param>
internal sealed record RunningStation(Endpoints Endpoints, ReadinessView Health)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Null where none answers.</summary>
    public static async Task<RunningStation?> AskAsync(string state, CancellationToken cancellation)
    {
        try
        {
            var file = await File.ReadAllBytesAsync(Path.Combine(state, Endpoints.FileName), cancellation);
            var endpoints = JsonSerializer.Deserialize(file, EndpointsJson.Default.Endpoints)!;
            using var http = new HttpClient { Timeout = Patience };
            // 503 has the same members: it says what is missing.
            using var response = await http.GetAsync(new Uri(Reachable(endpoints.Http), "readyz"), cancellation);
            return await response.Content.ReadFromJsonAsync(WebJson.Default.ReadinessView, cancellation) is { } health ? new(endpoints, health) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or HttpRequestException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    // Listening at every address is no address to ask at.
    private static Uri Reachable(string listen)
    {
        var address = new UriBuilder(listen);
        if (IPAddress.TryParse(address.Host, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))) address.Host = "localhost";
        return address.Uri;
    }
}
