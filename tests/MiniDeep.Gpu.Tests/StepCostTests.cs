using MiniDeep.Data;

namespace MiniDeep.GpuTests;

/// <summary>What a training step asks of the device.</summary>
[Collection(Alone.Name)]
public class StepCostTests : DeviceTest
{
    [SkippableFact]
    public void A_step_of_the_cnn_takes_at_most_40_launches_and_waits_for_nothing()
    {
        Sequential model = TrainingTests.Cnn(Activation.ReLU);
        model.To(Device);
        (long launches, long waits) few = Count(model, steps: 4), many = Count(model, steps: 10);
        Assert.Equal(few.waits, many.waits);
        double step = (many.launches - few.launches) / 6.0;
        Assert.InRange(step, 10, 40);
    }

    private (long Launches, long Waits) Count(Sequential model, int steps)
    {
        Dataset data = TrainingTests.Digits.Train.Take(steps * TrainingTests.BatchSize);
        // once before, so that the data are there and the arena is in use
        model.Fit(data, batchSize: TrainingTests.BatchSize, verbosity: Verbosity.Silent);
        (long launches, long waits) = (Backend.Launches, Backend.Waits);
        model.Fit(data, batchSize: TrainingTests.BatchSize, verbosity: Verbosity.Silent);
        return (Backend.Launches - launches, Backend.Waits - waits);
    }
}
