namespace MiniDeep;

internal sealed class StepArena;
