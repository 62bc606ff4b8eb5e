using ActivationCnn;
using MiniDeep.Data;

namespace MiniDeep.Tests;

/// <summary>Whole networks: random ones, and the exercises' after some training.</summary>
public class NetworkTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, RandomNetworks.Count)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_network_predicts_the_same(int seed) => OnnxFile.AssertPredicts(RandomNetworks.Draw(seed), seed);

    [Fact]
    public void Exercise_1_predicts_the_same() => OnnxFile.AssertPredicts(Exercises.DeepNetwork());

    [Fact]
    public void Exercise_2_predicts_the_same() => OnnxFile.AssertPredicts(Exercises.Momentum());

    [Theory]
    [InlineData("relu")]
    [InlineData("leaky-relu")]
    [InlineData("swish")]
    public void Exercise_3_predicts_the_same(string activation)
    {
        Sequential model = Exercises.Cnn(activation);
        OnnxFile.AssertPredicts(model);

        (_, Dataset test) = Mnist.Load(Repository.PathTo("examples/data/mnist"));
        Tensor digits = test.Take(256).Features;
        using var file = new OnnxFile(model);
        Assert.Equal(model.Predict(digits).ArgMax().ToArray<long>(), file.Predict(digits).ArgMax().ToArray<long>());
    }
}

/// <summary>The exercises' networks, trained for a while.</summary>
internal static class Exercises
{
    public static Sequential DeepNetwork()
    {
        var settings = new DeepNetworkFromScratch.Settings { Epochs = 50 };
        DeepNetworkFromScratch.Outcome outcome = DeepNetworkFromScratch.Network.Train(new DeepNetworkFromScratch.Exercise(settings), Activation.ReLU);
        Sequential model = new Sequential(inputShape: [settings.Features], dtype: DType.Float64)
            .Dense(settings.Hidden1, Activation.ReLU, name: "hidden1")
            .Dense(settings.Hidden2, Activation.ReLU, name: "hidden2")
            .Dense(settings.Classes, Activation.Softmax, name: "output");
        for (int i = 0; i < model.Parameters.Count; i++) model.Parameters[i].CopyFrom<double>(outcome.Weights[i]);
        return model;
    }

    public static Sequential Momentum() =>
        MomentumExercise.Network.Train(new MomentumExercise.Exercise(MomentumExercise.Settings.Moons with { Epochs = 50 }), new Momentum(0.005)).Model;

    public static Sequential Cnn(string activation)
    {
        (Dataset train, _) = Mnist.Load(Repository.PathTo("examples/data/mnist"));
        Sequential model = ActivationCnn.Cnn.Create([28, 28, 1], 10, Candidate.All.Single(candidate => candidate.Key == activation).Function, 1e-3, seed: 1);
        model.Fit(train.Take(1024), epochs: 1, batchSize: 64, verbosity: Verbosity.Silent);
        return model;
    }
}
