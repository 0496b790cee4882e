using static TorchSharp.torch;

namespace EcgPeft.Core.Peft.Lora;

/// <summary>The part of a weight that PiSSA and OLoRA train.</summary>
internal static class WeightDecomposition
{
    /// <summary>A [r, in] and B [out, r] with scale B A = that part; null where the update starts at zero.</summary>
    /// <param name="weight">[out, in].</param>
    /// <param name="shape">Rank, scale and start.</param>
    public static (Tensor A, Tensor B)? Start(Tensor weight, LoraShape shape) => shape.Init switch
    {
        LoraInit.Pissa => Pissa(weight, shape),
        LoraInit.Olora => Olora(weight, shape),
        _ => null,
    };

    /// <summary>W = U S V^T: A = sqrt(S_r / scale) V_r^T, B = U_r sqrt(S_r / scale) (Meng et al. 2024, equations 2 and 3).</summary>
    private static (Tensor, Tensor) Pissa(Tensor weight, LoraShape shape)
    {
        var (u, s, vh) = linalg.svd(weight, fullMatrices: false);
        var root = (s.narrow(0, 0, shape.Rank) / shape.Scale).sqrt();
        return (root.unsqueeze(1) * vh.narrow(0, 0, shape.Rank), u.narrow(1, 0, shape.Rank) * root);
    }

    /// <summary>W = Q R: B the first r columns of Q, A the first r rows of R (Büyükakyüz 2024), taken out of W with the update's scale.</summary>
    private static (Tensor, Tensor) Olora(Tensor weight, LoraShape shape)
    {
        var (q, r) = linalg.qr(weight);
        return (r.narrow(0, 0, shape.Rank).contiguous(), q.narrow(1, 0, shape.Rank).contiguous());
    }
}
