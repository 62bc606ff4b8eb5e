using System.Reflection;

namespace MiniDeep.Tests.Gradients;

/// <summary>The gradient of every operation is the slope of its function: Float64, central differences, a random cotangent, 1e-7.</summary>
public class GradientTests
{
    private const int CornersOfAFamily = 12;

    public static TheoryData<string> Names => GradientTable.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_the_slopes_of_the_function(string name) => GradientTable.Rows[name].Check(Device.Cpu).ThrowIfFailed();

    /// <summary>A backend without a fused kernel for some arguments says so, and the operation runs the plain chain.</summary>
    [Theory]
    [InlineData("Linear")]
    [InlineData("ConvPool")]
    public void The_plain_chains_have_the_same_gradients(string family)
    {
        int before = UnfusedBackend.Refusals;
        foreach (GradientRow row in GradientTable.Rows.Values.Where(row => row.Family == family))
        {
            row.Check(UnfusedBackend.Device).ThrowIfFailed();
            row.Check(UnfusedBackend.Backward).ThrowIfFailed();
        }
        Assert.True(UnfusedBackend.Refusals > before, "No fused member was asked for.");
    }

    [Fact]
    public void Every_family_has_enough_corners()
    {
        string[] small = [.. GradientTable.Rows.Values.GroupBy(row => row.Family).Where(rows => rows.Count() < CornersOfAFamily).Select(rows => $"{rows.Key}: {rows.Count()}")];
        Assert.True(small.Length == 0, string.Join('\n', small));
    }

    /// <summary>Runs every row forward and looks at the nodes behind the result: an operation without a row fails here.</summary>
    [Fact]
    public void Every_operation_has_a_row()
    {
        HashSet<GradNode> nodes = [];
        foreach (GradientRow row in GradientTable.Rows.Values)
        {
            GradientCase made = row.Make(new Draw(Device.Cpu));
            foreach (Tensor input in made.Inputs.Where(input => input.DType.IsFloat())) input.RequiresGrad = true;
            Visit(made.Function(made.Inputs).Node, nodes);
        }

        HashSet<Type> types = [.. nodes.Select(node => node.GetType())];
        HashSet<string> names = [.. nodes.Select(node => node.Name)];
        IEnumerable<Type> all = typeof(GradNode).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(GradNode)) && !type.IsAbstract);
        Assert.Empty(all.Except(types).Select(type => type.Name));
        Assert.Empty(Enum.GetNames<UnaryKind>().Except(names).Except([nameof(UnaryKind.Not)]));
        Assert.Empty(Enum.GetValues<BinaryKind>().Where(kind => kind < BinaryKind.Equal).Select(kind => kind.ToString()).Except(names));
        Assert.Empty(Enum.GetNames<ReduceKind>().Except(names));
        Assert.Empty(new[] { "Softmax", "LogSoftmax" }.Except(names));
    }

    [Fact]
    public void Every_loss_has_rows()
    {
        IEnumerable<string> losses = typeof(Loss).GetProperties(BindingFlags.Static | BindingFlags.Public).Select(property => property.Name);
        Assert.All(losses, loss => Assert.Contains(GradientTable.Rows.Values, row => row.Family.StartsWith(loss, StringComparison.Ordinal)));
    }

    /// <summary>Nodes have no list of their inputs: their fields are what there is.</summary>
    private static void Visit(GradNode? node, HashSet<GradNode> nodes)
    {
        if (node is null || !nodes.Add(node)) return;
        for (Type? type = node.GetType(); type != typeof(object); type = type.BaseType!)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                Visit(field.GetValue(node) switch
                {
                    GradNode next => next,
                    Saved saved when !saved.Equals(default(Saved)) => saved.Node,
                    _ => null,
                }, nodes);
            }
        }
    }
}
