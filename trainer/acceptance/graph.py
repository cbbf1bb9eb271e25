"""Owns the proof that an iteration captured as a CUDA graph trains as its function does, bit for bit, and its speed."""

from collections.abc import Iterator
from typing import Final

from torch import Tensor

from trainer.acceptance.conditions import Conditions, cifar, needs_gpu
from trainer.acceptance.report import Measurement
from trainer.acceptance.turns import noise
from trainer.data.batches import Batches
from trainer.process.iteration import WARM_UP, Iteration
from trainer.spec import Precision, RunSpec
from trainer.training import begin

TOPIC = "graph"
REASON = "Weights, statistics, momentum and losses, over two changes of the learning rate: each is captured again."
PRECISIONS: Final[tuple[Precision, ...]] = ("fp32", "bf16")
RATES = [0.1] * (WARM_UP + 5) + [0.01] * 5 + [0.1] * 5
TIMED = 50


def measure(conditions: Conditions) -> Iterator[Measurement]:
    """One measurement for each precision."""
    for precision in PRECISIONS:
        spec = cifar(20 if conditions.is_short else 110).model_copy(update={"precision": precision})
        what = f"{spec.name}, {precision}: an iteration as a CUDA graph"
        if not conditions.is_gpu:
            yield needs_gpu(TOPIC, what, REASON)
            continue
        graph, graph_s = _train(spec, conditions, is_captured=True)
        function, function_s = _train(spec, conditions, is_captured=False)
        differing = sum(not a.equal(b) for a, b in zip(graph, function, strict=True))
        yield Measurement(
            topic=TOPIC,
            what=what,
            measured=f"{len(graph) - differing} of {len(graph)} tensors equal; {1000 * graph_s:,.1f} ms an iteration, "
            f"{1000 * function_s:,.1f} kernel by kernel",
            bar="all, bit for bit",
            verdict="failed" if differing else "passed",
            reason=REASON,
        )


def _train(spec: RunSpec, conditions: Conditions, *, is_captured: bool) -> tuple[list[Tensor], float]:
    """All that a short training leaves, and the seconds of an iteration after it."""
    data = noise(2_000, conditions.device)
    training = begin(spec, len(data.classes), "", conditions.device)
    iteration = Iteration(training, Batches(spec, data), is_captured=is_captured)
    losses = [iteration.run(rate)[0].clone() for rate in RATES]
    tensors = [*training.network.state_dict().values(), *training.sgd.velocity.values()]
    end = [tensor.clone() for tensor in tensors]
    return [*end, *losses], conditions.seconds(lambda: iteration.run(RATES[-1]), times=TIMED)
