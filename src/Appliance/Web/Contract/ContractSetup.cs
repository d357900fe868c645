extern alias ScalarPage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ScalarPage::Scalar.AspNetCore;

namespace Appliance.Web.Contract;

/// <summary>The contract as the code has it: OpenAPI 3.1 at <c>/openapi/v1.json</c>, for people at <c>/docs</c>.</summary>
internal static class ContractSetup
{
    // The page may ask nobody but this station, whatever its script would like.
    private const string OnlyThisStation =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static IServiceCollection AddContract(this IServiceCollection services) => services.AddOpenApi("v1", openApi =>
    {
        openApi.AddDocumentTransformer(StationDocument.Describe);
        openApi.AddOperationTransformer(StationDocument.Name);
    });

    public static void MapContract(this IEndpointRouteBuilder routes)
    {
        // The same at every station, and nothing of this one.
        routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        routes.MapScalarApiReference("/docs", page =>
        {
            page.Title = "Inspection Appliance";
            page.OpenApiRoutePattern = "/openapi/{documentName}.json";
            page.DefaultFonts = false;
            page.Telemetry = false;
            // All of these lead to its maker's site.
            page.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            page.HideClientButton = true;
            page.Agent = new() { Disabled = true };
            page.Mcp = new() { Disabled = true };
        }).AddEndpointFilter(async (context, next) =>
        {
            context.HttpContext.Response.Headers.ContentSecurityPolicy = OnlyThisStation;
            return await next(context);
        }).AllowAnonymous();
    }
}
