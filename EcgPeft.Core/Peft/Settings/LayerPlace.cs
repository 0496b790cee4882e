namespace EcgPeft.Core.Peft.Settings;

/// <summary>Where in the model a method sits, for the drawing of a transformer layer.</summary>
public enum LayerPlace
{
    /// <summary>The query projection.</summary>
    Query,

    /// <summary>The key projection.</summary>
    Key,

    /// <summary>The value projection.</summary>
    Value,

    /// <summary>The projection of the joined heads.</summary>
    AttentionOutput,

    /// <summary>First linear layer of the feed-forward block.</summary>
    FeedForwardIn,

    /// <summary>Second linear layer of the feed-forward block.</summary>
    FeedForwardOut,

    /// <summary>Keys and values that the attention sees before the frames.</summary>
    AttentionPrefix,

    /// <summary>After the attention block, inside its residual.</summary>
    AfterAttention,

    /// <summary>After the feed-forward block, inside its residual.</summary>
    AfterFeedForward,

    /// <summary>Beside the feed-forward block.</summary>
    BesideFeedForward,

    /// <summary>After the feed-forward block's residual sum.</summary>
    AfterFeedForwardSum,

    /// <summary>At the end of the layer.</summary>
    LayerEnd,

    /// <summary>The biases of linear layers, norms and convolutions.</summary>
    Biases,

    /// <summary>Every weight of the transformer layers.</summary>
    WholeLayer,

    /// <summary>What comes before the first transformer layer.</summary>
    BeforeLayers,

    /// <summary>The classification head, which every method trains.</summary>
    Head,
}
