using Appliance.CommandLine;

return await ApplianceCommands.Root().RunAsync(args);
