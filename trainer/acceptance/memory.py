"""Owns the comparison of the memory that a step needs with the plan."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from trainer.acceptance.arithmetic import mini_batch
from trainer.acceptance.conditions import Conditions, cifar, imagenet
from trainer.acceptance.report import Measurement
from trainer.networks import build
from trainer.plan import plan
from trainer.spec import RunSpec
from trainer.training import begin, step

TOPIC = "memory"
LEAST, MOST = 0.85, 1.15
# On a GPU the gradients of two or three maps come on top, and what cuBLAS and cuDNN borrow (estimate).
BORROWED_BYTES = 256 * 2**20
SIDE = 224  # sec. 3.4, and what the plan counts


def measure(conditions: Conditions) -> Iterator[Measurement]:
    """On a GPU the allocator's peak in the second iteration, on a CPU the bytes that autograd keeps for backward."""
    small, large = (128, 64) if conditions.is_gpu else (4, 1)
    for spec in [cifar(20, small)] if conditions.is_short else [cifar(20, small), imagenet(50, large)]:
        planned = plan(spec)
        if conditions.is_gpu:
            measured_bytes, planned_bytes = _peak_bytes(spec, conditions), planned.memory_bytes
        else:
            inputs, _ = mini_batch(spec, SIDE)
            measured_bytes = count_saved_bytes(build(spec, planned.classes), inputs)
            planned_bytes = planned.memory.activations_bytes
        ratio, most = measured_bytes / planned_bytes, MOST
        if conditions.is_gpu:
            most += BORROWED_BYTES / planned_bytes
        yield Measurement(
            topic=TOPIC,
            what=f"{spec.name}, {spec.batch_size} images: {'peak' if conditions.is_gpu else 'activations'} to plan",
            measured=f"{ratio:.3f} ({measured_bytes / 2**20:,.1f} of {planned_bytes / 2**20:,.1f} MiB)",
            bar=f"{LEAST} to {most:.2f}",
            verdict="passed" if LEAST <= ratio <= most else "failed",
            reason="The plan decides what is offered to this device, and what is advised when memory runs out.",
        )


def count_saved_bytes(network: nn.Module, inputs: Tensor) -> int:
    """The bytes that autograd saves for backward, without parameters and buffers."""
    own = {tensor.untyped_storage().data_ptr() for tensor in network.state_dict(keep_vars=True).values()}
    sizes: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        network(inputs)
    return sum(sizes.values())


def _peak_bytes(spec: RunSpec, conditions: Conditions) -> int:
    """Of weights, gradients, momentum and one step's activations, on a GPU."""
    inputs, labels = (part.to(conditions.device) for part in mini_batch(spec, SIDE))
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated() - inputs.nbytes
    training = begin(spec, plan(spec).classes, "", conditions.device)
    step(training, inputs, labels, 0.1)
    torch.cuda.reset_peak_memory_stats()
    step(training, inputs, labels, 0.1)
    return torch.cuda.max_memory_allocated() - before
