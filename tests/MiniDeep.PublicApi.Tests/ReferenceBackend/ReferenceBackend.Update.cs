namespace MiniDeep.Reference;

internal sealed partial class ReferenceBackend
{
    public void Update(in UpdateRule rule, ReadOnlySpan<UpdateTarget> targets)
    {
        foreach (UpdateTarget target in targets)
        {
            double[] w = Elements.Read(target.Weights), g = Elements.Read(target.Gradient);
            switch (rule.Kind)
            {
                case UpdateKind.Sgd:
                    for (int i = 0; i < w.Length; i++) w[i] -= rule.LearningRate.Value * g[i];
                    break;
                case UpdateKind.Momentum or UpdateKind.Nesterov:
                    Momentum(rule, w, g, target.State0);
                    break;
                case UpdateKind.Adam:
                    Adam(rule, w, g, target.State0, target.State1);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(rule), rule.Kind, "no such rule");
            }
            Elements.Write(target.Weights, w);
        }
    }

    private static void Momentum(UpdateRule rule, double[] w, double[] g, in TensorView state)
    {
        double mu = rule.Beta1, rate = rule.LearningRate.Value;
        double[] v = Elements.Read(state);
        for (int i = 0; i < w.Length; i++)
        {
            v[i] = mu * v[i] - rate * g[i];
            w[i] += rule.Kind == UpdateKind.Nesterov ? mu * v[i] - rate * g[i] : v[i];
        }
        Elements.Write(state, v);
    }

    private static void Adam(UpdateRule rule, double[] w, double[] g, in TensorView state0, in TensorView state1)
    {
        double t = rule.Step.Value;
        double rate = rule.LearningRate.Value * Math.Sqrt(1 - Math.Pow(rule.Beta2, t)) / (1 - Math.Pow(rule.Beta1, t));
        double[] m = Elements.Read(state0), v = Elements.Read(state1);
        for (int i = 0; i < w.Length; i++)
        {
            m[i] = rule.Beta1 * m[i] + (1 - rule.Beta1) * g[i];
            v[i] = rule.Beta2 * v[i] + (1 - rule.Beta2) * g[i] * g[i];
            w[i] -= rate * m[i] / (Math.Sqrt(v[i]) + rule.Epsilon);
        }
        Elements.Write(state0, m);
        Elements.Write(state1, v);
    }
}
