using ActivationCnn;
using MiniDeep.Examples;

return ExampleHost.Run(args, StudyCommand.Build);
