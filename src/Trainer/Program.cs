using System.CommandLine;
using Trainer.CommandLine;

var root = new RootCommand(
    """
    Trains and evaluates models for the inspection appliance.

    Examples:
      trainer train --data photographs --good ok --out model
      trainer evaluate --model model --data photographs --json
      trainer export --merged tiles.onnx --model model

    Exit codes: 0 done, 1 failed, 2 wrong usage.
    """)
{
    TrainCommand.Create(), EvaluateCommand.Create(), ExportCommand.Create(), RunCommand.Create(), BackboneCommand.Create(), WeightsCommand.Create(),
};
var parsed = root.Parse(args);
var code = parsed.Invoke();
return parsed.Errors.Count > 0 ? 2 : code;
