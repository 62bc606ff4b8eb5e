namespace MiniDeep.Tests.Tensors;

/// <summary>What Backward gathers, where it stops, and what it refuses.</summary>
public class AutogradTests
{
    [Fact]
    public void A_leaf_gathers_what_every_use_sends()
    {
        Tensor x = Leaf(2);
        Tensor y = x * x;
        (y + y + x).Backward();
        Assert.Equal(9, x.Grad!.Item());
    }

    [Fact]
    public void Gradients_add_up_until_they_are_cleared()
    {
        Tensor x = Leaf(3);
        (x * 2).Backward();
        x.Square().Backward();
        Assert.Equal(8, x.Grad!.Item());
        x.ClearGrad();
        Assert.Null(x.Grad);
        (x * 5).Backward();
        Assert.Equal(5, x.Grad!.Item());
    }

    [Fact]
    public void A_gradient_that_was_taken_out_stays()
    {
        Tensor x = Leaf(3);
        (x * 2).Backward();
        Tensor first = x.Grad!;
        x.ClearGrad();
        (x * 7).Backward();
        Assert.Equal(2, first.Item());
        Assert.Equal(7, x.Grad!.Item());
    }

    [Fact]
    public void A_leaf_can_be_the_scalar_itself()
    {
        Tensor x = Leaf(3);
        x.Backward();
        Assert.Equal(1, x.Grad!.Item());
        x.Backward();
        Assert.Equal(2, x.Grad!.Item());
        (x * 4).Backward();
        Assert.Equal(6, x.Grad!.Item());
    }

    [Fact]
    public void One_element_of_any_rank_is_a_scalar()
    {
        Tensor x = Leaf(3).Detach().Reshape(1, 1);
        x.RequiresGrad = true;
        (x * 2).Backward();
        Assert.Equal(Shape.Create([1, 1]), x.Grad!.Shape);
        Assert.Equal(2, x.Grad!.Item());
    }

    [Fact]
    public void Two_losses_of_one_graph_are_added_first()
    {
        Tensor x = Leaf(2);
        Tensor shared = x.Square();
        ((shared * 3) + (shared * 4)).Backward();
        Assert.Equal(28, x.Grad!.Item());
    }

    [Fact]
    public void A_second_backward_is_an_error()
    {
        Tensor x = Leaf(2);
        Tensor y = x.Square();
        y.Backward();
        GradientException error = Assert.Throws<GradientException>(y.Backward);
        Assert.Equal(
            "The graph through Square was already used by a Backward(), which releases it. Run the forward pass again, or add the losses first and call Backward() once on their sum.",
            error.Message);
    }

    [Fact]
    public void A_second_backward_through_a_shared_part_is_an_error()
    {
        Tensor x = Leaf(2);
        Tensor shared = x.Exp();
        (shared * 2).Backward();
        Assert.Throws<GradientException>((shared * 3).Backward);

        // the next pass starts clean
        x.ClearGrad();
        (x * 5).Backward();
        Assert.Equal(5, x.Grad!.Item());
    }

    [Fact]
    public void A_result_that_is_no_scalar_is_an_error()
    {
        Tensor x = Tensor.Ones([2, 3]);
        x.RequiresGrad = true;
        Assert.Equal(
            "Backward() starts at a scalar, such as a loss; this tensor has shape [2, 3]. Reduce it first, with Sum() or Mean().",
            Assert.Throws<GradientException>((x * 2).Backward).Message);
        Assert.Throws<GradientException>(Tensor.Zeros([0]).Backward);
    }

    [Fact]
    public void Nothing_to_send_to_is_an_error()
    {
        const string Message = "The tensor depends on no parameter and on no tensor with RequiresGrad, or was made under NoGrad(): there is nothing to send a gradient to.";
        Assert.Equal(Message, Assert.Throws<GradientException>((Tensor.Scalar(1) * 2).Backward).Message);
        Tensor x = Leaf(1), y;
        using (Tensor.NoGrad()) y = x * 2;
        Assert.Equal(Message, Assert.Throws<GradientException>(y.Backward).Message);
    }

    [Fact]
    public void NoGrad_ends_with_its_scope_and_nests()
    {
        Tensor x = Leaf(1);
        using (Tensor.NoGrad())
        {
            using (Tensor.NoGrad()) Assert.False((x * 2).RequiresGrad);
            Assert.False((x * 2).RequiresGrad);
        }
        Assert.True((x * 2).RequiresGrad);
    }

    [Fact]
    public void NoGrad_ends_once_only()
    {
        Tensor x = Leaf(1);
        using NoGradScope outer = Tensor.NoGrad();
        NoGradScope inner = Tensor.NoGrad();
        inner.Dispose();
        inner.Dispose();
        Assert.False((x * 2).RequiresGrad);
    }

    [Fact]
    public void NoGrad_holds_for_its_thread_only()
    {
        Tensor x = Leaf(1);
        using NoGradScope scope = Tensor.NoGrad();
        bool elsewhere = false;
        var thread = new Thread(() => elsewhere = (x * 2).RequiresGrad);
        thread.Start();
        thread.Join();
        Assert.True(elsewhere);
        Assert.False((x * 2).RequiresGrad);
    }

    [Fact]
    public void Detach_cuts_and_shares()
    {
        Tensor x = Leaf(3);
        Tensor cut = x.Detach();
        Assert.False(cut.RequiresGrad);
        (x * cut).Backward();
        Assert.Equal(3, x.Grad!.Item());
        cut.Fill(5);
        Assert.Equal(5, x.Item());
    }

    [Fact]
    public void RequiresGrad_belongs_to_float_leaves()
    {
        Tensor x = Tensor.Scalar(1, DType.Float64);
        x.RequiresGrad = true;
        Assert.Equal(
            "The tensor is the result of an operation, so its gradient flows through. Use Detach() for one without.",
            Assert.Throws<GradientException>(() => (x * 2).RequiresGrad = false).Message);
        Assert.Equal("Only floats have gradients; this tensor is Int32.", Assert.Throws<DTypeException>(() => Tensor.From([1]).RequiresGrad = true).Message);
        Assert.True((x * 2).RequiresGrad);
        Assert.False((x > 0).RequiresGrad);
        Assert.False(x.To(DType.Int32).RequiresGrad);
        Assert.False(x.Reshape(1).ArgMax().RequiresGrad);
        x.RequiresGrad = false;
        Assert.False((x * 2).RequiresGrad);
    }

    [Fact]
    public void Results_keep_no_gradient()
    {
        Tensor x = Leaf(2);
        Tensor y = x.Square();
        y.Sum().Backward();
        Assert.Null(y.Grad);
    }

    [Fact]
    public void A_tensor_changed_before_backward_is_an_error()
    {
        Tensor x = Leaf(2);
        Tensor y = x.Square();
        x.Fill(3);
        Assert.Equal(
            "a tensor of shape [] was changed in place after Square used it, so the gradient can't be computed. Call Backward() before changing it, or change a copy.",
            Assert.Throws<GradientException>(y.Backward).Message);

        var weight = new Parameter("kernel", Tensor.Ones([2]));
        Tensor product = (weight * weight).Sum();
        weight[0].Fill(3);
        Assert.StartsWith("parameter 'kernel' [2] was changed in place after Multiply used it", Assert.Throws<GradientException>(product.Backward).Message);
    }

    [Fact]
    public void A_change_that_no_gradient_needs_is_none()
    {
        Tensor x = Leaf(2);
        Tensor y = x + 1;
        x.Fill(7);
        y.Backward();
        Assert.Equal(1, x.Grad!.Item());
    }

    [Fact]
    public void Frozen_parameters_gather_nothing()
    {
        var w = new Parameter("w", Tensor.Ones([2], DType.Float64), trainable: false);
        var v = new Parameter("v", Tensor.Ones([2], DType.Float64));
        (w * v).Sum().Backward();
        Assert.Null(w.Grad);
        Assert.Equal([1.0, 1], v.Grad!.ToArray<double>());
        w.Trainable = true;
        (w * v).Sum().Backward();
        Assert.Equal([1.0, 1], w.Grad!.ToArray<double>());
        Assert.Equal([2.0, 2], v.Grad!.ToArray<double>());
    }

    [Fact]
    public void A_gradient_crosses_dtypes_and_devices()
    {
        Tensor x = Leaf(3);
        (x.To(DType.Float32).To(Gradients.UnfusedBackend.Other) * 4).Backward();
        Assert.Equal(DType.Float64, x.Grad!.DType);
        Assert.Same(Device.Cpu, x.Grad!.Device);
        Assert.Equal(4, x.Grad!.Item());
    }

    /// <summary>Doubling 60 times makes 2^60 paths: each node is walked once.</summary>
    [Fact]
    public void Many_paths_are_one_walk()
    {
        Tensor x = Leaf(1), y = x;
        for (int i = 0; i < 60; i++) y += y;
        y.Backward();
        Assert.Equal(Math.Pow(2, 60), x.Grad!.Item());
    }

    /// <summary>The walk is a loop, not a recursion.</summary>
    [Fact]
    public void A_deep_graph_does_not_overflow_the_stack()
    {
        Tensor x = Leaf(0), y = x;
        for (int i = 0; i < 100_000; i++) y += 1;
        y.Backward();
        Assert.Equal(1, x.Grad!.Item());
    }

    private static Tensor Leaf(double value)
    {
        Tensor x = Tensor.Scalar(value, DType.Float64);
        x.RequiresGrad = true;
        return x;
    }
}
