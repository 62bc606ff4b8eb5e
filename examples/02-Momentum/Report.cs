using MiniDeep;
using MiniDeep.Examples;

namespace MomentumExercise;

/// <summary>The default run: both data sets with and without momentum, tables, pictures and what the figures say.</summary>
internal sealed class Report(Surroundings surroundings, Texts texts, IReadOnlyList<Settings> all, Trainings trainings)
{
    private const int WarmUpEpochs = 300;
    private const int Repeats = 3;

    private readonly TextWriter _output = surroundings.Output;

    public void Run(string folder)
    {
        List<Comparison> comparisons = [];
        foreach (Settings settings in all)
        {
            Comparison comparison = Compare(settings);
            comparisons.Add(comparison);
            Print(comparison);
            _output.WriteLine();
        }
        var pictures = new Pictures(surroundings.Language, texts);
        string losses = Path.Combine(folder, "losses.png"), boundaries = Path.Combine(folder, "boundaries.png");
        pictures.SaveLosses(comparisons, losses);
        pictures.SaveBoundaries(comparisons, boundaries);
        _output.WriteLine(texts.PicturesWritten(losses, boundaries));
    }

    private Comparison Compare(Settings settings)
    {
        var exercise = new Exercise(settings);
        // the first steps of a process go to the compiler; they belong to neither run
        var warmUp = new Exercise(settings with { Epochs = WarmUpEpochs });
        Network.Train(warmUp, new SGD(settings.LearningRate));
        Network.Train(warmUp, new Momentum(settings.LearningRate, settings.Momentum));
        return new Comparison(
            settings, Best("without", texts.Without, () => new SGD(settings.LearningRate)), Best("with", texts.With, () => new Momentum(settings.LearningRate, settings.Momentum)));

        // the fastest of several runs, which differ in nothing but what else the machine had to do
        Outcome Best(string key, string label, Func<Optimizer> optimizer) =>
            Enumerable.Range(1, Repeats).Select(i => Network.Train(exercise, optimizer(), trainings[$"{settings.Data}-{key}-{i}"], new EpochBar(surroundings, label)))
                .MinBy(static outcome => Comparison.TimeOf(outcome, outcome.Times.Count))!;
    }

    private void Print(Comparison comparison)
    {
        _output.WriteLine(texts.Title(comparison.Settings));
        _output.WriteLine();
        var table = new TextTable(texts.LossColumn, texts.EpochsWithout, texts.EpochsWith, texts.RatioColumn, texts.TimeWithout, texts.TimeWith);
        foreach (Milestone milestone in comparison.Milestones)
        {
            table.Add(
                texts.Target(milestone.Loss), texts.Epochs(milestone.Without), texts.Epochs(milestone.With), texts.Ratio(milestone.Ratio),
                texts.Time(comparison.Without, milestone.Without), texts.Time(comparison.With, milestone.With));
        }
        table.Print(_output);
        _output.WriteLine();
        _output.WriteLine(texts.Final(comparison));
        _output.WriteLine(texts.Interpretation(comparison));
    }
}
