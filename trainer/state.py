"""Owns the names and shapes of a network's tensors in its weights file, known before it is built. Loads no torch.

They follow from trainer/architecture.py, as the counts of a plan do, and tests compare them with the networks.
"""

from trainer.architecture import ConvLayout, architecture
from trainer.spec import RunSpec

Shape = tuple[int, ...]


def tensor_shapes(spec: RunSpec, classes: int) -> dict[str, Shape]:
    """The shape of every tensor of the state dict, by its name: parameters, and BN's running statistics."""
    network = architecture(spec)
    shapes = _convolution("conv1", "bn1", network.stem)
    for stage in network.stages:
        for number, block in enumerate(stage.blocks):
            name = f"{stage.name}.{number}"
            for layer, conv in enumerate(block.layers, 1):
                shapes |= _convolution(f"{name}.conv{layer}", f"{name}.bn{layer}", conv)
            if block.projection is not None:
                shapes |= _convolution(f"{name}.downsample.0", f"{name}.downsample.1", block.projection)
    return shapes | {f"{network.head}.weight": (classes, network.features), f"{network.head}.bias": (classes,)}


def _convolution(conv_name: str, norm_name: str, conv: ConvLayout) -> dict[str, Shape]:
    per_filter = ("weight", "bias", "running_mean", "running_var")
    return {
        f"{conv_name}.weight": (conv.width, conv.width_in, conv.kernel, conv.kernel),
        **{f"{norm_name}.{part}": (conv.width,) for part in per_filter},
        f"{norm_name}.num_batches_tracked": (),
    }
