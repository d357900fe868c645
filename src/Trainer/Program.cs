using System.CommandLine;
using Trainer.CommandLine;

return new RootCommand("Trains and evaluates models for the inspection appliance.") { BackboneCommand.Create(), WeightsCommand.Create() }
    .Parse(args)
    .Invoke();
