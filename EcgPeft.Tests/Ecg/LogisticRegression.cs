namespace EcgPeft.Tests.Ecg;

/// <summary>Logistic regression by full-batch gradient descent with momentum and weight decay; the last weight is the bias.</summary>
internal static class LogisticRegression
{
    public static float[] Fit(float[] values, ReadOnlySpan<byte> labels, int length, int[] rows, int epochs, float learningRate, float decay)
    {
        var weights = new float[length + 1];
        var velocity = new float[length + 1];
        var gradient = new float[length + 1];
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            Array.Clear(gradient);
            foreach (var i in rows)
            {
                var x = values.AsSpan(i * length, length);
                var error = (float)(Predict(weights, x) - labels[i]) / rows.Length;
                for (var k = 0; k < length; k++) gradient[k] += error * x[k];
                gradient[length] += error;
            }
            for (var k = 0; k <= length; k++)
            {
                velocity[k] = 0.9f * velocity[k] - learningRate * (gradient[k] + decay * weights[k]);
                weights[k] += velocity[k];
            }
        }
        return weights;
    }

    public static double Predict(float[] weights, ReadOnlySpan<float> x)
    {
        var z = weights[^1];
        for (var k = 0; k < x.Length; k++) z += weights[k] * x[k];
        return 1 / (1 + Math.Exp(-z));
    }
}
