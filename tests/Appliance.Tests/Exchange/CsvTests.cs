using Appliance.Exchange;

namespace Appliance.Tests.Exchange;

public sealed class CsvTests
{
    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        string?[][] records = [["a", "b,c", "\"d\"", ""], ["line\nend", " spaces ", "1\n\n2\"\n", "x"]];
        using var text = new StringReader(string.Concat(records.Select(Csv.Line)));
        Assert.Equal(records.Select(r => string.Join('|', r)), Csv.Read(text).Select(r => string.Join('|', r.Fields)));
    }

    [Fact]
    public void Read_RecordsOfSeveralLines_NameTheLineOnWhichEachBegins()
    {
        using var text = new StringReader("a\n\n\"b\nb\"\nc\n");
        Assert.Equal([1, 3, 5], Csv.Read(text).Select(r => r.Line));
    }

    // In a time that grows with the list and not with its square: otherwise this one takes hours.
    [Fact(Timeout = 120_000)]
    public async Task Read_AQuoteThatIsNeverClosedInALongList_IsNamedByItsLine()
    {
        var line = new string('x', 200) + "\n";
        using var text = new StringReader("file\n\"open\n" + string.Concat(Enumerable.Repeat(line, 300_000)));
        var thrown = await Task.Run(() => Assert.Throws<FormatException>(() => Csv.Read(text).Count()), TestContext.Current.CancellationToken);
        Assert.Contains("line 2: a quote is opened", thrown.Message, StringComparison.Ordinal);
    }
}
