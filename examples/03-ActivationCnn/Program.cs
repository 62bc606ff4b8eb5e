using MiniDeep.Examples;
using MiniDeep.Examples.ActivationCnn;

return ExampleHost.Run(args, StudyCommand.Build);
