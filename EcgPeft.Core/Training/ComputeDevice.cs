using TorchSharp;
using static TorchSharp.torch;

namespace EcgPeft.Core.Training;

/// <summary>What computes.</summary>
public enum ComputeDevice
{
    /// <summary>A CUDA device where this build and this machine have one, else the processor.</summary>
    Auto,

    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>The first CUDA device.</summary>
    Cuda,
}

/// <summary>The one place that chooses the device: a model is built there, and everything else follows it (<see cref="Backbones.Backbone.Device"/>).</summary>
public static class DeviceChoice
{
    /// <summary>The device of a run.</summary>
    /// <param name="asked">The recipe's.</param>
    /// <exception cref="UserInputException">CUDA was asked for and is not there.</exception>
    public static Device For(ComputeDevice asked)
    {
        var cuda = asked != ComputeDevice.Cpu && torch.cuda.is_available();
        if (asked == ComputeDevice.Cuda && !cuda)
            throw new UserInputException("training.device is cuda, but there is no CUDA device that this build can use (it has to be built with -p:EcgPeftCuda=true on a machine with NVIDIA's driver); set training.device to auto or cpu.");
        return cuda ? CUDA : CPU;
    }

    /// <summary>The device for using a run's model: where the run may have been trained on another machine, the best one here.</summary>
    /// <param name="asked">The recipe's.</param>
    public static Device ForUse(ComputeDevice asked) => For(asked == ComputeDevice.Cuda ? ComputeDevice.Auto : asked);
}
