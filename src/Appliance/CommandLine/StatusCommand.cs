using System.CommandLine;
using System.Text.Json;
using Appliance.Web;

namespace Appliance.CommandLine;

internal static class StatusCommand
{
    public static Command Create()
    {
        var (url, json) = (StationClient.Url(), StationClient.Json());
        var command = new Command("status", "What the station is doing.") { url, json };
        command.SetAction((parsed, _) => StationClient.RunAsync(parsed, async client =>
        {
            var s = await client.GetAsync("/api/v1/status", WebJson.Default.StatusView);
            if (parsed.GetValue(json)) Console.WriteLine(JsonSerializer.Serialize(s, WebJson.Default.StatusView));
            else Print(s);
        }));
        return command;
    }

    private static void Print(StatusView s)
    {
        var i = s.Inspections;
        Console.WriteLine($"station      {s.Station}, epoch {s.Epoch}, version {s.Version}");
        if (s.State != "running") Console.WriteLine($"state        {s.State}{(s.Detail is { } why ? ": " + why : "")}");
        if (s.Configuration is { Errors.Count: > 0 } wrong) Console.WriteLine($"configuration is wrong in the file, the one before is in force: {string.Join(' ', wrong.Errors)}");
        else if (s.Configuration is { NeedRestart.Count: > 0 } waiting) Console.WriteLine($"restart      takes over: {string.Join(", ", waiting.NeedRestart)}");
        Console.WriteLine(FormattableString.Invariant(
            $"inspections  {i.Inspections}: {i.Ok} OK, {i.Ng} NG, {i.Unsure} UNSURE, {i.Fault} FAULT; grab to publish {i.PublishP50Ms:F1} ms p50, {i.PublishP99Ms:F1} ms p99"));
        if (i.Deadline > 0) Console.WriteLine(FormattableString.Invariant($"deadlines    {i.Deadline} passed (FAULT deadline), {i.Late} results came late"));
        if (s.Commands.Refused > 0) Console.WriteLine($"commands     {s.Commands.Accepted} accepted, {s.Commands.Refused} refused by MQTT");
        Console.WriteLine($"model        {s.Model ?? "none yet: every part is UNSURE until labels are given and a head is trained"}");
        if (s.Shadow is { } shadow) Console.WriteLine($"shadow       {shadow.Model} judges beside it: {shadow.Judged} inspections, {shadow.Agreed} alike, {shadow.Contradicted} contradicted");
        Console.WriteLine($"broker       {s.Broker}, {(s.Outbox.Connected ? "connected" : "not connected")}, {s.Outbox.Backlog} waiting{(s.Outbox.LastError is { } e ? ": " + e : "")}");
        if (s.Outbox.Connected && s.Outbox.Loop is { State: not "unknown" } loop)
            Console.WriteLine(loop.RoundTripMs is { } ms ? FormattableString.Invariant($"loop         the station hears itself through the broker, {ms:0.0} ms") : $"loop         {loop.State}: the station does not hear itself through the broker");
        if (s.Outbox.Undelivered > 0) Console.WriteLine($"undelivered  {s.Outbox.Undelivered} verdicts given up since the journal began; 'appliance journal show --stream facts' names them");
        foreach (var c in s.Cameras) Console.WriteLine($"camera       {c.Name} {c.Phase.ToString().ToLowerInvariant()}: {c.Grabbed} grabbed, {c.Dropped} dropped, {c.Faults} faults{(c.LastError is { } l ? ": " + l : "")}");
        Console.WriteLine($"samples      {s.SamplesKept} kept, {s.SamplesSkipped} skipped since the start{(s.Sampling.NearCopies > 0 ? $", {s.Sampling.NearCopies} of them near copies" : "")}{(s.Sampling.BeyondLimit > 0 ? $"; {s.Sampling.BeyondLimit} beyond Sampling:MaxPerMinute" : "")}");
        if (s.Retention is { Samples: > 0 } or { VerdictSegments: > 0 })
            Console.WriteLine($"retention    {s.Retention.Samples} samples given up, {s.Retention.Pictures} pictures and {s.Retention.VerdictSegments} segments of verdicts deleted since the start");
        if (s.Retention.UnseenParts > 0) Console.WriteLine($"retention    {s.Retention.UnseenParts} labelled parts given up that the live model had not learnt from");
        if (s.Retention.Clock is { } clock) Console.WriteLine($"retention    {clock}");
        if ((s.Retention.Trouble ?? s.Retention.Exceeded) is { } limits) Console.WriteLine($"retention    {limits}");
        if (s.Training.Job is { } job) Console.WriteLine(FormattableString.Invariant($"training     {job}: {s.Training.Phase}, {s.Training.Fraction:P0}"));
        else if (s.Training.Last is { } last) Console.WriteLine($"training     {last.Job} {last.Outcome}: {last.Reason}");
    }
}
