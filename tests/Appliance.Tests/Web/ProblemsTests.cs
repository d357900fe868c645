using Appliance.Journal;
using Appliance.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Appliance.Tests.Web;

public sealed class ProblemsTests
{
    [Fact]
    public void Explain_AJournalThatFails_Is503WithItsWords()
    {
        var e = new JournalException("The disk is full. Free space.");
        Assert.Equal((503, e.Message), (Problems.StatusOf(e), Explain(e)));
    }

    [Fact]
    public void Explain_AFaultOfTheProgram_KeepsItsInsidesToTheLog()
    {
        var e = new InvalidOperationException("secret");
        Assert.Equal(500, Problems.StatusOf(e));
        Assert.Equal("The appliance met a fault of its own; its log tells more.", Explain(e));
    }

    private static string? Explain(Exception e)
    {
        var context = new ProblemDetailsContext { HttpContext = new DefaultHttpContext(), Exception = e, ProblemDetails = new ProblemDetails() };
        Problems.Explain(context);
        return context.ProblemDetails.Detail;
    }
}
