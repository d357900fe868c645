using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Appliance.Web.Contract;

/// <summary>Refuses query parameters that an endpoint does not know: a misspelt filter must not show everything.</summary>
internal static class KnownQuery
{
    public static RouteGroupBuilder RefuseUnknownQueries(this RouteGroupBuilder group) => group.AddEndpointFilterFactory((endpoint, next) =>
    {
        var known = endpoint.MethodInfo.GetParameters().SelectMany(Expand).Where(p => IsText(p.Type)).Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return context =>
        {
            foreach (var name in context.HttpContext.Request.Query.Keys)
                if (!known.Contains(name)) return ValueTask.FromResult<object?>(Problems.BadRequest(Describe(name, known, context.HttpContext)));
            return next(context);
        };
    });

    private static string Describe(string name, HashSet<string> known, HttpContext context)
    {
        var taken = known.Where(k => !context.Request.RouteValues.ContainsKey(k)).Order(StringComparer.Ordinal).ToList();
        return $"There is no query parameter '{Messaging.Printable.Shorten(name)}' here; there {(taken.Count == 0 ? "is none" : "are " + string.Join(", ", taken))}.";
    }

    private static IEnumerable<(string Name, Type Type)> Expand(ParameterInfo parameter) =>
        parameter.GetCustomAttribute<AsParametersAttribute>() is null
            ? [((parameter.GetCustomAttributes().OfType<IFromQueryMetadata>().FirstOrDefault()?.Name ?? parameter.Name)!, parameter.ParameterType)]
            : parameter.ParameterType.GetProperties().Select(p => ((p.GetCustomAttributes().OfType<IFromQueryMetadata>().FirstOrDefault()?.Name ?? p.Name)!, p.PropertyType));

    // What is read from text comes by the query or the path; anything else from the body or the services.
    private static bool IsText(Type type)
    {
        var one = Nullable.GetUnderlyingType(type.GetElementType() ?? type) ?? type.GetElementType() ?? type;
        return one == typeof(string) || one.IsEnum || (one.IsValueType && one.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IParsable<>)));
    }
}
