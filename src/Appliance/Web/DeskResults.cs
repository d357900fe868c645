using System.Text.Json.Serialization.Metadata;
using Appliance.Models;
using Inference.Embeddings;
using Inference.Packages;
using Inference.Runtime;
using Microsoft.AspNetCore.Http;

namespace Appliance.Web;

/// <summary>What a desk says, as HTTP.</summary>
internal static class DeskResults
{
    /// <summary>Asks the desk. A package or an embedding file that is damaged or gone is a conflict that says so.</summary>
    public static Task<IResult> AskAsync<T>(Func<Task<DeskAnswer<T>>> ask, JsonTypeInfo<T> type)
        where T : class => AskAsync(ask, type, value => value);

    public static Task<IResult> AskAsync<T>(Func<DeskAnswer<T>> ask, JsonTypeInfo<T> type)
        where T : class => AskAsync(() => Task.FromResult(ask()), type);

    public static IResult Ask<T>(DeskAnswer<T> answer, JsonTypeInfo<T> type)
        where T : class => answer.Value is { } value ? Results.Json(value, type) : Refusal(answer.Kind, answer.Why!);

    /// <param name="view">How what the desk says is shown.</param>
    public static async Task<IResult> AskAsync<T, TView>(Func<Task<DeskAnswer<T>>> ask, JsonTypeInfo<TView> type, Func<T, TView> view)
        where T : class
    {
        try
        {
            var answer = await ask();
            return answer.Value is { } value ? Results.Json(view(value), type) : Refusal(answer.Kind, answer.Why!);
        }
        catch (Exception e) when (e is PackageException or EmbeddingFileException or NetworkException or IOException)
        {
            return Problems.Conflict(e.Message);
        }
    }

    private static IResult Refusal(DeskRefusal kind, string why) => Results.Problem(why, statusCode: kind switch
    {
        DeskRefusal.Invalid => StatusCodes.Status400BadRequest,
        DeskRefusal.Missing => StatusCodes.Status404NotFound,
        DeskRefusal.Busy => StatusCodes.Status429TooManyRequests,
        _ => StatusCodes.Status409Conflict,
    });
}
