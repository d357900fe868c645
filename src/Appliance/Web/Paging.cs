using System.Globalization;
using Appliance.Journal;
using Appliance.Samples;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Appliance.Web;

/// <summary>Lists come in pages: <c>limit</c> entries, from <c>before</c> on; <c>next</c> is the address of the page behind, null at the end.</summary>
internal static class Paging
{
    public const int Most = 500;

    /// <summary>Entries of a history where no limit is said.</summary>
    public const int Usual = 100;

    /// <summary>What is wrong with the query of a history, or null.</summary>
    public static string? Refuse(int? limit, string? before) => RefuseLimit(limit) ?? (before is null || PlaceOf(before) is not null ? null : $"before is '{Messaging.Printable.Shorten(before)}'; it takes what 'next' of a page says.");

    public static string? RefuseLimit(int? limit) => limit is < 1 or > Most ? $"limit is {limit}; it takes 1 to {Most}." : null;

    /// <summary>One more than a page was asked for, to know whether there is another behind.</summary>
    /// <param name="place">Of an entry, to page on from.</param>
    public static (IReadOnlyList<T> Page, string? Next) Cut<T>(IReadOnlyList<T> found, int limit, HttpRequest request, Func<T, string> place)
    {
        if (found.Count <= limit) return (found, null);
        var query = new QueryBuilder(request.Query.Where(q => q.Key != "before").SelectMany(q => q.Value.Select(v => KeyValuePair.Create(q.Key, v ?? "")))) { { "before", place(found[limit - 1]) } };
        return ([.. found.Take(limit)], request.Path + query.ToString());
    }

    /// <summary>A page of a history of facts.</summary>
    public static (IReadOnlyList<T> Page, string? Next) Cut<T>(IReadOnlyList<Placed<T>> found, int limit, HttpRequest request) where T : Fact
    {
        var (page, next) = Cut(found, limit, request, entry => entry.Place.ToString(CultureInfo.InvariantCulture));
        return ([.. page.Select(entry => entry.Fact)], next);
    }

    /// <summary>The place of a fact to page on from, as a page's <c>next</c> says it; null for none.</summary>
    public static long? PlaceOf(string? before) => long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : null;
}
