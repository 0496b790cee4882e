// The random number generator, the thread count and the tensor counter are process-wide in libtorch.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
