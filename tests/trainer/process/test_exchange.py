"""What ranks exchange: gradients in buckets while backward goes on, and the iteration after which all of them stop."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch._C._distributed_c10d import FileStore

from tests.trainer.together import together
from trainer.process import exchange
from trainer.process.exchange import Exchange
from trainer.process.ranks import Ranks, join
from trainer.process.supervision import Stop

pytestmark = pytest.mark.usefixtures("warm")

# Several buckets, although the network is small.
RUN = """
import hashlib
from trainer.data import synthetic
from trainer.data.images import arrange
from trainer.environment import Environment
from trainer.files import sealed
from trainer.loop import train
from trainer.process import buckets, exchange
from trainer.process.supervision import Stop
from trainer.spec import RunSpec
buckets.BUCKET_BYTES = 40_000
exchange.CPU_LAG = {lag}
spec = RunSpec(depth=8, shortcut="B", dataset="synthetic", iterations=9, batch_size=12, devices=count,
               evaluate_every=4, checkpoint_every=100, train_images=1900)
decoded = synthetic.load()
short = type(decoded)(decoded.train, decoded.test.pick(torch.arange(64)), decoded.classes)
data = arrange(short, spec.train_images, spec.seed, torch.device("cpu"))

def run(name, stop, until=None, requested_at=None, spec=spec):
    (folder / name).mkdir(exist_ok=True)
    for event in train(spec, data, Environment(folder / name, torch.device("cpu"), stop, ranks, until=until)):
        # The first chunk comes after the first iteration.
        stop.is_requested |= event.kind == requested_at
    dist.barrier()
    return event

def weights(name):
    tensors, _ = sealed.read(folder / name / "weights-9.safetensors")
    return hashlib.sha256(b"".join(tensors[each].numpy().tobytes() for each in sorted(tensors))).hexdigest()

run("whole", Stop())
"""


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_resumed_run_adds_up_in_the_same_order(count: int, tmp_path: Path) -> None:
    source = RUN.format(lag=0) + (
        'run("parts", Stop(), until=5)\nrun("parts", Stop())\nprint(json.dumps([weights("whole"), weights("parts")]))'
    )
    for whole, parts in together(count, tmp_path / "run", source):
        assert parts == whole


def test_recomputed_activations_change_no_bit_resumed_or_not(tmp_path: Path) -> None:
    """The segments' gradients arrive at the hooks from a backward within backward."""
    source = RUN.format(lag=0) + (
        'saving = spec.model_copy(update={"recompute_activations": True})\n'
        'run("parts", Stop(), until=5, spec=saving)\n'
        'run("parts", Stop(), spec=saving)\n'
        'print(json.dumps([weights("whole"), weights("parts")]))'
    )
    for whole, parts in together(2, tmp_path / "run", source):
        assert parts == whole


def test_a_loss_that_is_not_finite_is_rank_0s_to_report_after_the_points_before_it(tmp_path: Path) -> None:
    """Another rank ended the run first, and what rank 0 hadn't shown was lost."""
    source = RUN.format(lag=0) + (
        "from trainer import metrics\n"
        "from trainer.failure import Failure\n"
        "metrics.CHUNK_SECONDS = 0.0 if rank else 1e9\n"
        # Decay 1 at rate 100 multiplies every weight by −99.
        "wild = spec.model_copy(update=dict(lr=100.0, weight_decay=1.0, iterations=60, evaluate_every=60))\n"
        "shown = []\n"
        "try:\n"
        "    for event in train(wild, data, Environment(folder, torch.device('cpu'), Stop(), ranks)):\n"
        "        if event.kind == 'steps':\n"
        "            shown += range(event.first, event.first + len(event.loss))\n"
        "except Failure as failure:\n"
        "    print(json.dumps([failure.reason, failure.iteration > 2, shown == list(range(1, failure.iteration))]))"
    )
    assert together(2, tmp_path / "run", source) == [["diverged", True, True]] * 2


def test_all_ranks_stop_after_the_same_iteration_a_few_later_where_the_host_is_ahead(tmp_path: Path) -> None:
    """Rank 0 alone is asked to, after the first iteration. The second tells the others, who hear of it two later."""
    source = RUN.format(lag=2) + (
        'stopped = run("parts", Stop(), requested_at="steps" if ranks.is_first else None)\n'
        'run("parts", Stop())\n'
        'print(json.dumps([stopped.kind, stopped.iteration, weights("whole") == weights("parts")]))'
    )
    assert together(2, tmp_path / "run", source) == [["stopped", 4, True]] * 2


NETWORK = """
from torch import nn
from trainer.process import buckets
from trainer.process.exchange import Exchange
from trainer.process.supervision import Stop
buckets.BUCKET_BYTES = 1
network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4))
network[1].requires_grad_(False)
unused = nn.Parameter(torch.ones(3))
weights = [unused, *network.parameters()]
with torch.no_grad():
    for number, weight in enumerate(weights):
        weight.fill_(0.1 * number)

def backward(rank):
    for weight in weights:
        weight.grad = None
    loss = network(torch.arange(8.0).reshape(2, 4) + rank).square().sum()
    loss.backward()
    return loss.detach()

def gradients():
    return [weight.grad.clone() if weight.grad is not None else None for weight in weights]
"""


def test_gradients_are_sent_while_backward_goes_on(tmp_path: Path) -> None:
    source = NETWORK + (
        "exchange, begun = Exchange(ranks, weights, Stop()), []\n"
        "begin = type(ranks).begin_sum\n"
        "type(ranks).begin_sum = lambda self, values: (begun.append(values.numel()), begin(self, values))[1]\n"
        "loss = backward(rank)\n"
        "during = list(begun)\n"
        "exchange.finish(loss[None])\n"
        "print(json.dumps([during, begun]))"
    )
    for during, begun in together(2, tmp_path / "run", source):
        assert during == [4, 16, 4, 16]  # the last layer's bias and matrix, then the first's
        assert begun == [*during, 2]  # a total and the request to stop


def test_gradients_become_means_and_a_parameter_without_a_gradient_keeps_none(tmp_path: Path) -> None:
    source = NETWORK + (
        "alone = [(backward(other), gradients()) for other in range(count)]\n"
        "exchange = Exchange(ranks, weights, Stop())\n"
        "(total,) = exchange.finish(backward(rank)[None])\n"
        "expected = [(first + second) / 2 if first is not None else None\n"
        "            for first, second in zip(*(each for _, each in alone), strict=True)]\n"
        "same = [theirs is None if ours is None else torch.equal(ours, theirs)\n"
        "        for ours, theirs in zip(gradients(), expected, strict=True)]\n"
        "none = [number for number, weight in enumerate(weights) if weight.grad is None]\n"
        "print(json.dumps([all(same), bool(total == sum(loss for loss, _ in alone)), none]))"
    )
    assert together(2, tmp_path / "run", source) == [[True, True, [0, 3, 4]]] * 2


@pytest.fixture
def one_gpu(tmp_path: Path) -> Iterator[Ranks]:
    """A run's only rank, joined by nccl."""
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    yield join(1, torch.device("cuda"), FileStore(str(tmp_path / "store"), 1), 0)
    dist.destroy_process_group()


def test_a_gpus_host_reads_a_request_to_stop_late_and_waits_for_nothing_else(one_gpu: Ranks) -> None:
    layer, stop = nn.Linear(4, 4).cuda(), Stop()
    step = Exchange(one_gpu, layer.parameters(), stop)
    inputs, totals = torch.ones(2, 4, device="cuda"), torch.ones(3, device="cuda")
    stop.is_requested = True
    torch.cuda.set_sync_debug_mode("error")
    try:
        agreed = []
        for _ in range(exchange.GPU_LAG + 1):
            layer(inputs).sum().backward()
            step.finish(totals)
            agreed.append(step.is_stop_agreed())
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert agreed == [False] * exchange.GPU_LAG + [True]
